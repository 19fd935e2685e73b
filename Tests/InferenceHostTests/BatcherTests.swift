import Handwriting
import ImageKit
import Synchronization
import TestKit
import Testing

@testable import InferenceHost

@Suite(.timeLimit(.minutes(1))) struct BatcherTests {
  private func batcher(
    _ reader: FakeReader, timer: @escaping ReadingBatcher<ServedWords>.Timer = { _, _ in }
  ) -> ReadingBatcher<ServedWords> {
    let batcher = ReadingBatcher<ServedWords>(limits: BatchingLimits(), timer: timer)
    batcher.serve(with: ServedWords(reader: reader))
    return batcher
  }

  private func read(_ batcher: ReadingBatcher<ServedWords>, width: Int) async throws -> String {
    let ticket = batcher.open()
    defer { batcher.close(ticket) }
    let report = try await batcher.read(
      [GreyImage(width: width, height: 1)], options: .init(), ticket: ticket)
    return report.findings[0].best.text
  }

  @Test func `a request given up before it is submitted is refused`() async throws {
    let batcher = batcher(FakeReader())
    let ticket = batcher.open()
    batcher.abandon(ticket, because: .disconnected)
    await #expect(throws: InvocationFault.self) {
      try await batcher.read([GreyImage(width: 1, height: 1)], options: .init(), ticket: ticket)
    }
    #expect(batcher.waiting == 0)
  }

  @Test func `a cancelled task leaves the queue`() async throws {
    let reader = FakeReader()
    reader.hold()
    let batcher = batcher(reader)
    async let first = read(batcher, width: 1)
    _ = try await reader.batches.first("the first word")
    let second = Task { try await read(batcher, width: 2) }
    try await waitUntil("the second word to wait") { batcher.waiting == 1 }
    second.cancel()
    await #expect(throws: InvocationFault.draining) { try await second.value }
    #expect(batcher.waiting == 0)
    reader.release()
    #expect(try await first == "1x1")
  }

  @Test func `a word is held back until the timer says so`() async throws {
    let reader = FakeReader()
    reader.hold()
    let alarms = Mailbox<@Sendable () -> Void>()
    var limits = BatchingLimits()
    limits.maximumDelay = .seconds(3600)
    let batcher = ReadingBatcher<ServedWords>(limits: limits) { _, callBack in alarms.send(callBack)
    }
    batcher.serve(with: ServedWords(reader: reader))
    let ticket = batcher.open()
    async let pair = batcher.read(
      [GreyImage(width: 1, height: 1), GreyImage(width: 2, height: 1)], options: .init(), ticket: ticket)
    _ = try await reader.batches.first("the first batch") { $0 == 2 }
    async let third = read(batcher, width: 3)
    try await waitUntil("the third word to wait") { batcher.waiting == 1 }
    reader.release()
    #expect(try await pair.findings.count == 2)
    let alarm = try await alarms.first("the timer to be set")
    // Before its time it only asks for another one; a second word of another request ends the waiting.
    alarm()
    #expect(alarms.values.count == 2)
    async let fourth = read(batcher, width: 4)
    #expect(try await third == "3x1")
    #expect(try await fourth == "4x1")
    #expect(reader.batches.values == [2, 2])
  }

  @Test func `no batch is ever lost, whatever comes together`() async throws {
    let reader = FakeReader()
    let batcher = batcher(reader) { _, callBack in callBack() }
    try await withThrowingTaskGroup(of: Void.self) { group in
      for width in 1...200 {
        group.addTask {
          let text = try await self.read(batcher, width: width)
          #expect(text == "\(width)x1")
        }
      }
      try await group.waitForAll()
    }
    #expect(reader.batches.values.reduce(0, +) == 200)
  }
}
