import Foundation
import TestKit
import Testing

@testable import ArtifactStore

@Suite(.timeLimit(.minutes(1))) struct BlockingTurnsTests {
  @Test func `a name that is worked on is not free, and then it is`() async throws {
    let turns = BlockingTurns()
    let events = Mailbox<String>()
    let end = DispatchSemaphore(value: 0)
    async let work: Void = offPool {
      turns.take("a") {
        events.send("began")
        end.wait()
      }
    }
    _ = try await events.first("the work")
    turns.ifFree("a") { events.send("a was free") }
    turns.ifFree("b") { events.send("b was free") }
    end.signal()
    try await work
    turns.ifFree("a") { events.send("a is free") }
    #expect(events.values == ["began", "b was free", "a is free"])
  }

  @Test func `one name is worked on by one thread at a time`() async throws {
    let turns = BlockingTurns()
    let events = Mailbox<Bool>()
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 0..<8 {
        group.addTask {
          try await offPool {
            for _ in 0..<200 {
              turns.take("a") {
                events.send(true)
                events.send(false)
              }
            }
          }
        }
      }
      try await group.waitForAll()
    }
    #expect(events.values.count == 3200)
    #expect(events.values.indices.allSatisfy { events.values[$0] == ($0 % 2 == 0) })
  }
}
