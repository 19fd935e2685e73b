import Handwriting
import ImageKit
import TestKit
import Testing

@testable import InferenceHost

/// Many requests, and readers and clients that misbehave.
@Suite(.timeLimit(.minutes(1))) struct LoadTests {
  /// Sends these while the reader is held by another request, and waits until each has one word in the queue.
  private func askTogether(
    _ worker: TestWorker<ServedWords>, _ reader: FakeReader, bodies: [String],
    _ body: (_ first: WireClient, _ clients: [WireClient]) async throws -> Void
  ) async throws {
    reader.hold()
    let first = try worker.connect()
    try first.send(requestBytes("POST", "/invocations", body: Array("[[1]]".utf8)))
    // The self-test was the first.
    try await waitUntil("the reader to be busy") { reader.batches.values.count == 2 }
    var clients: [WireClient] = []
    for (index, text) in bodies.enumerated() {
      let client = try worker.connect()
      try client.send(requestBytes("POST", "/invocations", body: Array(text.utf8)))
      clients.append(client)
      try await waitUntil("request \(index) to wait") { worker.batcher.waiting == index + 1 }
    }
    try await body(first, clients)
  }

  private func row(_ width: Int) -> String { "[[\(Array(repeating: "9", count: width).joined(separator: ","))]]" }

  @Test func `requests that come while the reader is busy are read in one call`() async throws {
    let reader = FakeReader()
    try await withWorker(reader) { worker in
      try await askTogether(worker, reader, bodies: (2...21).map(row)) { first, clients in
        reader.release()
        let texts = try await first.reply().predictions
        #expect(texts == ["1x1"])
        for (index, client) in clients.enumerated() {
          let texts = try await client.reply().predictions
          #expect(texts == ["\(index + 2)x1"])
        }
        // The self-test, the first word, all others.
        #expect(reader.batches.values == [1, 1, 20])
      }
    }
  }

  @Test func `an image that cannot be read fails its own request alone`() async throws {
    let reader = FakeReader()
    try await withWorker(reader) { worker in
      try await askTogether(worker, reader, bodies: [row(2), "[[0, 9]]", row(3)]) { _, clients in
        reader.release()
        #expect(try await clients[0].reply().predictions == ["2x1"])
        let failed = try await clients[1].reply()
        #expect(failed.status == 500)
        #expect(failed.code == "ReadingFailed" && failed.message.contains("Unreadable"))
        #expect(try await clients[2].reply().predictions == ["3x1"])
        #expect(reader.batches.values == [1, 1, 3, 1, 1, 1])
      }
    }
  }

  @Test func `a full queue sends requests away and keeps those it has`() async throws {
    let reader = FakeReader()
    let settings = testSettings { ($0.batching.maximumWaiting, $0.limits.images) = (2, 2) }
    try await withWorker(reader, settings: settings) { worker in
      try await askTogether(worker, reader, bodies: [row(2), row(3)]) { _, clients in
        let refused = try await worker.invoke(json: row(4))
        #expect(refused.status == 429)
        #expect(refused.headers["retry-after"] == "1")
        #expect(refused.code == "TooManyRequests")
        reader.release()
        #expect(try await clients[0].reply().status == 200)
        #expect(try await clients[1].reply().status == 200)
        #expect(try await worker.invoke(json: row(4)).status == 200)
      }
    }
  }

  @Test func `what memory has no room for is sent away`() async throws {
    let reader = FakeReader()
    let settings = testSettings { settings in
      (settings.limits.bodyBytes, settings.limits.pixels, settings.limits.bytesInHand) = (1000, 1000, 2000)
    }
    try await withWorker(reader, settings: settings) { worker in
      try await askTogether(worker, reader, bodies: [row(400), row(400)]) { _, clients in
        // 801 pixels are in hand; this one takes 803 bytes, and then 400 more.
        let refused = try await worker.invoke(json: row(400))
        #expect(refused.status == 429)
        reader.release()
        for client in clients {
          let reply = try await client.reply()
          #expect(reply.status == 200)
        }
        let again = try await worker.invoke(json: row(400))
        #expect(again.status == 200)
      }
    }
  }

  @Test func `a client that leaves is dropped from the queue`() async throws {
    let reader = FakeReader()
    try await withWorker(reader) { worker in
      try await askTogether(worker, reader, bodies: [row(2), row(3)]) { _, clients in
        clients[0].hangUp()
        try await waitUntil("its word to leave") { worker.batcher.waiting == 1 }
        reader.release()
        #expect(try await clients[1].reply().predictions == ["3x1"])
        #expect(reader.batches.values == [1, 1, 1])
      }
    }
  }

  @Test func `a request that takes too long is given up`() async throws {
    let reader = FakeReader()
    try await withWorker(reader, settings: testSettings { $0.deadline = .milliseconds(300) }) { worker in
      reader.hold()
      async let reading = worker.invoke(json: row(1))
      try await waitUntil("the word to be read") { reader.batches.values.count == 2 }
      let waited = try await worker.invoke(json: row(2))
      #expect(waited.status == 503)
      #expect(waited.headers["retry-after"] == "1")
      let late = try await reading
      #expect(late.status == 504)
      #expect(worker.batcher.waiting == 0)
      reader.release()
      #expect(try await worker.invoke(json: row(3)).predictions == ["3x1"])
    }
  }

  @Test func `one request may have more images than a batch`() async throws {
    let reader = FakeReader()
    try await withWorker(reader, settings: testSettings { $0.batching.maximumBatch = 3 }) { worker in
      let images = (1...8).map(row).joined(separator: ",")
      let texts = try await worker.invoke(json: "[\(images)]").predictions
      #expect(texts == (1...8).map { "\($0)x1" })
      #expect(reader.batches.values == [1, 3, 3, 2])
    }
  }
}
