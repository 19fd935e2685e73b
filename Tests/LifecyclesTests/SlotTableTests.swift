import HostKit
import JSONKit
import Lifecycles
import Resources
import Testing

@Suite struct SlotTableTests {
  private func job(_ id: Int64, priority: Int = 0, cpus: Int = 1, memory: Int64 = 1) -> TrainingJob {
    TrainingJob(
      id: id, name: "job-\(id)", region: "r", account: "a", request: .null, priority: priority,
      demand: ResourceDemand(cpus: cpus, memoryBytes: memory, gpus: 0), createdAt: Timestamp(milliseconds: id))
  }

  private func table(cpus: Int = 2) -> SlotTable {
    SlotTable(capacity: .init(cpus: cpus, memoryBytes: 100, gpus: 0))
  }

  private func grants(_ table: inout SlotTable) -> [String] {
    var names: [String] = []
    while let name = table.grantNext() { names.append(name) }
    return names
  }

  @Test func `jobs start in order of arrival until the machine is full`() {
    var table = table()
    for id in 1...3 { table.enqueue(job(Int64(id))) }
    #expect(grants(&table) == ["job-1", "job-2"])
    #expect(table.used.cpus == 2)
    table.release("job-1")
    #expect(grants(&table) == ["job-3"])
  }

  @Test func `a higher priority overtakes, and equals keep their order`() {
    var table = table(cpus: 5)
    for (id, priority) in [(1, 0), (2, 10), (3, 0), (4, 10), (5, -1)] {
      table.enqueue(job(Int64(id), priority: priority))
    }
    #expect(grants(&table) == ["job-2", "job-4", "job-1", "job-3", "job-5"])
  }

  @Test func `a large job is not starved by small ones behind it`() {
    var table = table()
    table.enqueue(job(1))
    #expect(grants(&table) == ["job-1"])
    table.enqueue(job(2, cpus: 2))
    table.enqueue(job(3))
    #expect(grants(&table).isEmpty)
    #expect(table.waitingReason(of: job(2, cpus: 2)) == "Waiting for 2 CPUs (1 of 2 free); 1 training job running")
    #expect(table.waitingReason(of: job(3))?.hasPrefix("Waiting behind 1 training job") == true)
    table.release("job-1")
    #expect(grants(&table) == ["job-2"])
  }

  @Test func `a job that leaves the line is never granted and releasing twice frees once`() {
    var table = table(cpus: 1)
    for id in 1...3 { table.enqueue(job(Int64(id))) }
    table.dequeue(job(2))
    #expect(grants(&table) == ["job-1"])
    table.release("job-1")
    table.release("job-1")
    #expect(grants(&table) == ["job-3"])
    #expect(table.used.cpus == 1)
    #expect(table.waitingCount == 0)
  }

  @Test func `jobs found running at the start hold their slots`() {
    var table = table(cpus: 1)
    table.occupy(job(7))
    table.occupy(job(7))
    table.enqueue(job(8))
    #expect(grants(&table).isEmpty)
    table.release("job-7")
    #expect(grants(&table) == ["job-8"])
  }

  @Test func `random enqueues, grants, releases and removals never exceed the machine`() {
    var generator = SeededGenerator(seed: 42)
    var table = table(cpus: 4)
    var running: Set<String> = []
    var waiting: Set<Int64> = []
    for step in 1...5000 {
      switch Int.random(in: 0..<4, using: &generator) {
      case 0, 1:
        let id = Int64(step)
        table.enqueue(job(id, priority: Int.random(in: -2...2, using: &generator), cpus: 1))
        waiting.insert(id)
      case 2:
        if let name = running.sorted().randomElement(using: &generator) {
          table.release(name)
          running.remove(name)
        }
      default:
        if let name = table.grantNext() {
          running.insert(name)
          waiting.remove(Int64(name.dropFirst(4)) ?? -1)
        }
      }
      #expect(table.used.cpus == running.count && running.count <= 4)
      #expect(table.waitingCount == waiting.count)
    }
  }
}

/// SplitMix64: the same numbers for the same seed.
struct SeededGenerator: RandomNumberGenerator {
  private var state: UInt64

  init(seed: UInt64) { state = seed }

  mutating func next() -> UInt64 {
    state &+= 0x9E37_79B9_7F4A_7C15
    var z = state
    z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
    z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
    return z ^ (z >> 31)
  }
}
