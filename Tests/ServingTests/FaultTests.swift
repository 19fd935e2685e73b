import JSONKit
import NIOCore
import Serving
import Synchronization
import TestKit
import Testing

/// Workers that fail, lines that fill, clients that leave.
@Suite(.timeLimit(.minutes(1))) struct FaultTests {
  @Test(arguments: [(500, "server"), (415, "client")])
  func `a worker's error is a model error with its own words`(status: Int, side: String) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { _ in .answer("no \"ink\"", status: status) }])
      let answer = try plane.connect().call("x")
      #expect(answer.status == 424 && answer.value("x-amzn-errortype") == "ModelError")
      let body = try JSON(parsing: answer.body)
      #expect(body["OriginalStatusCode"]?.integer == Int64(status) && body["OriginalMessage"]?.string == "no \"ink\"")
      #expect(
        body["Message"]?.string?.hasPrefix("Received \(side) error (\(status)) from primary with message") == true)
      #expect(body["LogStreamArn"]?.string?.hasSuffix("/aws/sagemaker/Endpoints/words") == true)
    }
  }

  @Test func `a request goes to another worker when one is killed with it`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let first = try plane.worker("a") { _ in .hang }
      plane.publish([first])
      let caller = try plane.connect()
      caller.post("ink")
      _ = try await first.seen.first("the request")
      let second = try plane.worker("b") { .answer($0.body) }
      plane.publish([first, second])
      first.kill()
      #expect(try caller.answer().body == "ink")
      #expect(plane.router.figures()[0].retries == 1)
      _ = try await plane.troubles.first("the trouble") { $0.token == first.path }
    }
  }

  @Test func `half a body is never passed on`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let half = Array("HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nhalf".utf8)
      let worker = try plane.worker("w") { _ in .sendAndClose(half) }
      plane.publish([worker])
      let answer = try plane.connect().call("x")
      #expect(answer.status == 424 && !answer.body.contains("half"))
      #expect(worker.seen.values.count == 3)
    }
  }

  @Test(arguments: [
    "SSH-2.0-x\r\n\r\n", "HTTP/1.1 200 OK\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    "HTTP/1.1 200 OK\r\nA: " + String(repeating: "x", count: 70_000), "HTTP/1.1 101 Switch\r\n\r\n",
  ])
  func `garbage instead of an answer is a model error`(bytes: String) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { _ in .send(Array(bytes.utf8)) }])
      #expect(try plane.connect().call("x").status == 424)
    }
  }

  @Test(arguments: [
    "HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 200 OK\r\nContent-Length: 3\r\n\r\nabc", "HTTP/1.1 200 OK\r\n\r\nabc",
    "HTTP/1.0 200 OK\r\nContent-Length: 3\r\n\r\nabc",
    "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n",
  ])
  func `every way to end an answer is understood`(bytes: String) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { _ in .sendAndClose(Array(bytes.utf8)) }])
      let answer = try plane.connect().call("x")
      #expect(answer.status == 200 && answer.body == "abc")
    }
  }

  @Test func `a worker that does not answer in time is given up and told of`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let worker = try plane.worker("w") { _ in .hang }
      plane.publish([worker], timeout: 0.1)
      let answer = try plane.connect().call("x")
      #expect(answer.status == 424 && answer.body.contains("timed out"))
      _ = try await plane.troubles.first("the trouble") { $0.trouble == .timedOut }
      _ = try await worker.closed.first("the closed connection")
    }
  }

  @Test func `a dead kept-alive connection is no try`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      // Each connection answers once and breaks with its second request.
      let count = Mutex(0)
      let worker = try plane.worker("w") { request in
        let number = count.withLock { count in
          count += 1
          return count
        }
        return number == 2 ? .sendAndClose([]) : .answer(request.body)
      }
      plane.publish([worker])
      let caller = try plane.connect()
      #expect(try caller.call("1").body == "1")
      #expect(try caller.call("2").body == "2")
      #expect(plane.router.figures()[0].retries == 0 && plane.troubles.values.isEmpty)
    }
  }

  @Test func `a full line is refused`() async throws {
    try await withScratchFolder { folder in
      var settings = RouterSettings()
      settings.longestLine = 1
      let plane = try await DataPlane(folder, settings: settings)
      plane.publish([])
      let (first, second) = (try plane.connect(), try plane.connect())
      first.post("x")
      try await waitUntil("the request in line") { plane.router.figures()[0].inLine == 1 }
      let refused = try second.call("x")
      #expect(refused.status == 429 && refused.value("retry-after") != nil)
      #expect(plane.router.figures()[0].errors == [.refused: 1])
    }
  }

  @Test func `waiting in line ends`() async throws {
    try await withScratchFolder { folder in
      var settings = RouterSettings()
      settings.lineSeconds = 0.1
      let plane = try await DataPlane(folder, settings: settings)
      plane.publish([])
      let caller = try plane.connect()
      let ended = try caller.call("x")
      #expect(ended.status == 503 && ended.value("retry-after") != nil)
      #expect(plane.router.figures()[0].errors == [.notReady: 1] && plane.router.figures()[0].inLine == 0)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      #expect(try caller.call("on").body == "on")
    }
  }

  @Test func `memory for bodies is bounded and comes back`() async throws {
    try await withScratchFolder { folder in
      var settings = RouterSettings()
      settings.bytesInHand = 100
      let plane = try await DataPlane(folder, settings: settings)
      plane.publish([])
      let (first, second) = (try plane.connect(), try plane.connect())
      first.post(String(repeating: "x", count: 80))
      try await waitUntil("the request in line") { plane.router.figures()[0].inLine == 1 }
      #expect(try second.call(String(repeating: "y", count: 40)).status == 429)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      #expect(try first.answer().status == 200)
      #expect(try second.call(String(repeating: "y", count: 90)).status == 200)
    }
  }

  @Test func `a client that leaves is taken out of the line`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([])
      let caller = try plane.connect()
      caller.post("x")
      try await waitUntil("the request in line") { plane.router.figures()[0].inLine == 1 }
      caller.close()
      try await waitUntil("an empty line") { plane.router.figures()[0].inLine == 0 }
    }
  }

  @Test func `a client that leaves ends the work at its worker`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let worker = try plane.worker("w") { _ in .hang }
      plane.publish([worker])
      let caller = try plane.connect()
      caller.post("x")
      _ = try await worker.seen.first("the request")
      caller.close()
      _ = try await worker.closed.first("the closed connection")
      try await waitUntil("the books") { plane.router.figures()[0].errors == [.disconnected: 1] }
      #expect(plane.router.figures()[0].inFlight == 0)
    }
  }

  @Test func `a client that does not read holds its worker back`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let body = [UInt8](repeating: 7, count: 32 << 20)
      let worker = try plane.worker("w") { _ in .answer(body) }
      plane.publish([worker])
      let caller = try plane.connect()
      caller.post("x")
      _ = try await worker.seen.first("the request")
      // 32 MiB fit into no buffer on the way: the worker is in hand as long as the client does not read.
      #expect(await plane.router.drained(worker.path, seconds: 0.3) == false)
      #expect(try caller.answer().bytes.count == body.count)
      #expect(await plane.router.drained(worker.path, seconds: 20))
    }
  }

  @Test func `a daemon that ends lets the request in hand finish`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let gate = Mailbox<Bool>()
      let worker = try plane.worker("w") { request in
        while gate.values.isEmpty { usleepBriefly() }
        return .answer(request.body)
      }
      plane.publish([worker])
      let caller = try plane.connect()
      caller.post("x")
      _ = try await worker.seen.first("the request")
      let channel = try await plane.accepted.first("the connection")
      channel.eventLoop.execute { channel.pipeline.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent()) }
      try await channel.eventLoop.submit {}.get()
      gate.send(true)
      let answer = try caller.answer()
      #expect(answer.body == "x" && answer.value("connection") == "close")
      #expect(caller.isClosed())
    }
  }
}
