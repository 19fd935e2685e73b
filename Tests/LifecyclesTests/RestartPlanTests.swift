import Lifecycles
import Testing

@Suite struct RestartPlanTests {
  @Test func `a worker that has served for a while is followed by another at once`() {
    var plan = RestartPlan()
    let pause = plan.note(.ready(seconds: 100))
    #expect(pause == 0)
    #expect(!plan.isHopeless)
  }

  @Test func `workers that do not even start are followed more and more slowly`() {
    var plan = RestartPlan()
    let pauses = (0..<9).map { _ in plan.note(.neverReady(isFinal: false)) }
    #expect(pauses == [0, 0.1, 0.4, 1.6, 5, 10, 30, 30, 30])
  }

  @Test func `three starts that fail in a row are hopeless`() {
    var plan = RestartPlan()
    _ = plan.note(.neverReady(isFinal: false))
    _ = plan.note(.neverReady(isFinal: false))
    #expect(!plan.isHopeless)
    _ = plan.note(.neverReady(isFinal: false))
    #expect(plan.isHopeless)
  }

  @Test func `what would fail again in the same way is hopeless at once`() {
    var plan = RestartPlan()
    let pause = plan.note(.neverReady(isFinal: true))
    #expect(pause > 0)
    #expect(plan.isHopeless)
  }

  @Test func `workers that end right after they were healthy are hopeless after six`() {
    var plan = RestartPlan()
    for _ in 0..<5 { _ = plan.note(.ready(seconds: 0.1)) }
    #expect(!plan.isHopeless)
    _ = plan.note(.ready(seconds: 0.1))
    #expect(plan.isHopeless)
  }

  @Test func `one good life makes up for all that went before`() {
    var plan = RestartPlan()
    for _ in 0..<6 { _ = plan.note(.ready(seconds: 0.1)) }
    let pauses = [plan.note(.ready(seconds: 5)), plan.note(.ready(seconds: 0.1))]
    #expect(pauses == [0, 0])
    #expect(!plan.isHopeless)
  }
}
