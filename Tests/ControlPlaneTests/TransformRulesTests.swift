import Serving
import Testing

@testable import ControlPlane

/// Where an output goes, and what becomes of a request that failed.
@Suite struct TransformRulesTests {
  @Test(
    arguments: [
      ("in/a.txt", "in/", "a.txt.out"), ("in/a.txt", "in", "a.txt.out"), ("in/x/a.txt", "in", "x/a.txt.out"),
      ("in/a.txt", "in/a", "a.txt.out"), ("in/a.txt", "in/a.txt", "a.txt.out"), ("a.txt", "", "a.txt.out"),
      ("in2/a.txt", "in", "in2/a.txt.out"), ("in//a", "in", "/a.out"), ("in/../a", "in/", "../a.out"),
      ("in/a b%", "in/", "a b%.out"), ("ä/ö", "ä", "ö.out"),
    ])
  func `an output is called as its input below the prefix`(_ item: (key: String, prefix: String, output: String)) {
    #expect(TransformPlan.output(of: item.key, below: item.prefix) == item.output)
  }

  private func ruling(_ answers: [WorkerAnswer], retries: Int = 1) -> TransformAttempts.Ruling? {
    var attempts = TransformAttempts(mostRetries: retries)
    return answers.map { attempts.note($0, timeoutSeconds: 9) }.last
  }

  private func isAgain(_ ruling: TransformAttempts.Ruling?) -> Bool {
    if case .again? = ruling { true } else { false }
  }

  private func reason(_ ruling: TransformAttempts.Ruling?) -> String {
    if case .failed(let reason)? = ruling { reason } else { "" }
  }

  private func status(_ status: Int) -> WorkerAnswer {
    .answered(status: status, contentType: nil, body: Array("no".utf8))
  }

  @Test func `an answer is taken with its type`() {
    let answer = WorkerAnswer.answered(status: 201, contentType: "text/plain", body: [1])
    #expect(ruling([answer]) == .answered(ModelAnswer(contentType: "text/plain", body: [1])))
  }

  @Test(arguments: [400, 404, 415])
  func `what the model calls the client's fault is final`(_ code: Int) {
    #expect(reason(ruling([status(code)])) == "ClientError: Received \(code) from the model with message \"no\".")
  }

  @Test(arguments: [429, 500, 503])
  func `what may pass is tried again as often as is allowed`(_ code: Int) {
    #expect(isAgain(ruling([status(code)])))
    #expect(reason(ruling([status(code), status(code)])).hasSuffix("It was asked 2 times."))
    #expect(!isAgain(ruling([status(code)], retries: 0)))
  }

  @Test func `time-outs and unreadable answers are tried again as often as is allowed`() {
    for answer in [WorkerAnswer.timedOut, .malformed("x")] {
      #expect(isAgain(ruling([answer])))
      #expect(reason(ruling([answer, answer])).hasPrefix("AlgorithmError: "))
    }
  }

  @Test func `workers that die are borne longer, and are no tries`() {
    let deaths = [WorkerAnswer](repeating: .broken("gone"), count: 4)
    #expect(isAgain(ruling(deaths, retries: 0)))
    #expect(isAgain(ruling(deaths + [status(500)])))
    #expect(reason(ruling(deaths + [.broken("gone")])).contains("5 workers ended"))
  }

  @Test func `a worker that cannot be reached has seen nothing of the request`() {
    #expect(isAgain(ruling([WorkerAnswer](repeating: .unreachable("x"), count: 100), retries: 0)))
  }

  @Test func `pauses grow, and not beyond bounds`() {
    var attempts = TransformAttempts(mostRetries: 0)
    let pauses = (0..<10).compactMap { _ -> Double? in
      guard case .again(let seconds) = attempts.note(.unreachable("x"), timeoutSeconds: 1) else { return nil }
      return seconds
    }
    #expect(pauses == pauses.sorted())
    #expect(pauses.first == 0.2)
    #expect(pauses.last == 5)
  }
}
