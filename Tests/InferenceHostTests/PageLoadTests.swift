import Handwriting
import ImageKit
import JSONKit
import Pages
import TestKit
import Testing

@testable import InferenceHost

/// Many pages, and models and clients that misbehave.
@Suite(.timeLimit(.minutes(1))) struct PageLoadTests {
  /// Sends pages of these widths while the model is held by another one, and waits until all are in the queue.
  private func askTogether(
    _ worker: TestWorker<ServedPages>, _ localiser: FakeLocaliser, widths: [Int],
    _ body: (_ first: WireClient, _ clients: [WireClient]) async throws -> Void
  ) async throws {
    localiser.hold()
    func send(_ width: Int) throws -> WireClient {
      let client = try worker.connect()
      try client.send(requestBytes("POST", "/invocations", body: try png(width, 60)))
      return client
    }
    let first = try send(50)
    // The self-test was the first.
    try await waitUntil("the model to be busy") { localiser.pages.values.count == 2 }
    var clients: [WireClient] = []
    for (index, width) in widths.enumerated() {
      clients.append(try send(width))
      try await waitUntil("page \(index) to wait") { worker.batcher.waiting == index + 1 }
    }
    try await body(first, clients)
  }

  @Test func `pages are worked on one after another, in the order in which they came`() async throws {
    let localiser = FakeLocaliser()
    try await withPageWorker(localiser) { worker in
      try await askTogether(worker, localiser, widths: [70, 80, 90]) { first, clients in
        localiser.release()
        #expect(try await first.reply().status == 200)
        for (client, width) in zip(clients, [70, 80, 90]) {
          let reply = try await client.reply()
          #expect(reply.json?["width"]?.integer == Int64(width))
        }
        #expect(localiser.pages.values.dropFirst() == ["50x60", "70x60", "80x60", "90x60"])
      }
    }
  }

  @Test func `a full queue sends pages away`() async throws {
    let localiser = FakeLocaliser()
    try await withPageWorker(localiser, settings: pageSettings { $0.batching.maximumWaiting = 2 }) {
      worker in
      try await askTogether(worker, localiser, widths: [70, 80]) { _, clients in
        let refused = try await worker.invoke(try png(90, 60), type: nil)
        #expect(refused.status == 429 && refused.headers["retry-after"] == "1")
        localiser.release()
        #expect(try await clients[1].reply().status == 200)
      }
    }
  }

  @Test func `a client that leaves takes its page out of the queue`() async throws {
    let localiser = FakeLocaliser()
    try await withPageWorker(localiser) { worker in
      try await askTogether(worker, localiser, widths: [70, 80]) { _, clients in
        clients[0].hangUp()
        try await waitUntil("its page to leave") { worker.batcher.waiting == 1 }
        localiser.release()
        #expect(try await clients[1].reply().status == 200)
        #expect(!localiser.pages.values.contains("70x60"))
      }
    }
  }

  @Test func `a page that takes too long is given up`() async throws {
    let localiser = FakeLocaliser()
    try await withPageWorker(localiser, settings: pageSettings { $0.deadline = .milliseconds(200) }) { worker in
      try await askTogether(worker, localiser, widths: [70]) { first, clients in
        let (late, waited) = (try await first.reply(), try await clients[0].reply())
        #expect(late.status == 504 && waited.status == 503)
        #expect(worker.batcher.waiting == 0)
      }
    }
  }

  @Test
  func `a page that the model fails on costs its own request alone, and the worker looks again`()
    async throws
  {
    let localiser = FakeLocaliser()
    try await withPageWorker(localiser) { worker in
      let failed = try await worker.invoke(try png(70, 60, shade: 0), type: nil)
      #expect(failed.status == 500 && failed.message.contains("Unreadable"))
      #expect(try await worker.ask("GET", "/ping").status == 200)
      #expect(localiser.pages.values.last == "192x128")
      #expect(try await worker.invoke(try png(80, 60), type: nil).status == 200)
      localiser.fail(true)
      #expect(try await worker.invoke(try png(80, 60), type: nil).status == 500)
      #expect(try await worker.ask("GET", "/ping").status == 503)
    }
  }

  @Test func `a segmentation model that does not pass its self-test ends the worker`() async throws {
    let localiser = FakeLocaliser()
    localiser.fail(true)
    await #expect {
      try await withPageWorker(localiser) { _ in }
    } throws: { ($0 as? ModelLoadingFailure)?.description.contains("built-in test image") == true }
  }

  @Test func `what memory has no room for is sent away`() async throws {
    let localiser = FakeLocaliser()
    let settings = pageSettings { settings in
      (settings.limits.bodyBytes, settings.limits.pixels, settings.limits.bytesInHand) = (
        4_000, 5_000, 9_000
      )
    }
    try await withPageWorker(localiser, settings: settings) { worker in
      try await askTogether(worker, localiser, widths: [70]) { _, clients in
        // 3,000 and 4,200 pixels are in hand.
        let refused = try await worker.invoke(try png(80, 60), type: nil)
        #expect(refused.status == 429 && refused.message.contains("memory"))
        localiser.release()
        #expect(try await clients[0].reply().status == 200)
      }
    }
  }
}
