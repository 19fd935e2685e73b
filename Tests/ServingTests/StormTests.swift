import Foundation
import Serving
import Synchronization
import TestKit
import Testing

/// Many clients at once while workers are killed and routes change.
@Suite(.timeLimit(.minutes(1))) struct StormTests {
  @Test func `no request is lost or answered wrongly while workers are killed and replaced`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      func fresh(_ number: Int) throws -> FakeWorker { try plane.worker("w\(number)") { .answer($0.body) } }
      var workers = try (0..<3).map(fresh)
      plane.publish(workers, perWorker: 2)
      let isOver = Atomic(false)
      let results = Mailbox<(right: Int, wrong: [String])>()
      let address = plane.address
      for client in 0..<8 {
        Thread.detachNewThread {
          let (right, wrong) = Self.call(address, client, until: { isOver.load(ordering: .relaxed) })
          results.send((right, wrong))
        }
      }
      for round in 3..<23 {
        let before = plane.router.figures()[0].requests
        try await waitUntil("more requests") { plane.router.figures()[0].requests > before + 20 }
        workers[0].kill()
        if round % 2 == 0 {
          // The route still names the dead one for a while.
          try await waitUntil("more requests") { plane.router.figures()[0].requests > before + 40 }
        }
        workers = Array(workers.dropFirst()) + [try fresh(round)]
        plane.publish(workers, perWorker: 2)
      }
      isOver.store(true, ordering: .relaxed)
      try await waitUntil("all clients") { results.values.count == 8 }
      #expect(results.values.flatMap(\.wrong) == [])
      #expect(results.values.map(\.right).reduce(0, +) == plane.router.figures()[0].requests)
      #expect(plane.router.figures()[0].inFlight == 0 && plane.router.figures()[0].inLine == 0)
    }
  }

  private static func call(_ address: String, _ client: Int, until isOver: () -> Bool) -> (right: Int, wrong: [String])
  {
    var (right, wrong): (Int, [String]) = (0, [])
    do {
      let caller = try Caller(path: address)
      while !isOver() {
        let body = "\(client)-\(right)"
        let answer = try caller.call(body)
        if answer.status == 200, answer.body == body {
          right += 1
        } else {
          wrong.append("\(answer.status) \(answer.body)")
        }
      }
    } catch { wrong.append("\(error)") }
    return (right, wrong)
  }
}
