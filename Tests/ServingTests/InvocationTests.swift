import Serving
import TestKit
import Testing

/// What a client sees of the data plane, over real sockets.
@Suite(.timeLimit(.minutes(1))) struct InvocationTests {
  @Test func `a request reaches the worker and its answer comes back`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let worker = try plane.worker("w") { _ in
        .answer("read", type: "application/json", more: "X-Amzn-SageMaker-Custom-Attributes: b\r\n")
      }
      plane.publish([worker])
      let answer = try plane.connect().call(
        "ink",
        more: "Content-Type: image/png\r\nAccept: application/json\r\nAuthorization: secret\r\n"
          + "X-Amzn-SageMaker-Custom-Attributes: a\r\nX-Htr-Timing: true\r\n")
      #expect(answer.status == 200 && answer.body == "read")
      #expect(answer.value("content-type") == "application/json")
      #expect(answer.value("x-amzn-sagemaker-custom-attributes") == "b")
      #expect(answer.value("x-amzn-invoked-production-variant") == "AllTraffic")
      #expect(
        answer.value("server-timing")?.contains(/queue;dur=[\d.]+, transfer;dur=[\d.]+, compute;dur=[\d.]+/) == true)
      let seen = try #require(worker.seen.values.first)
      #expect(seen.head.hasPrefix("POST /invocations HTTP/1.1\r\n") && seen.body == Array("ink".utf8))
      #expect(seen.value("content-type") == "image/png" && seen.value("accept") == "application/json")
      #expect(seen.value("x-amzn-sagemaker-custom-attributes") == "a")
      #expect(seen.value("x-amzn-requestid") == answer.value("x-amzn-requestid"))
      #expect(seen.value("authorization") == nil)
    }
  }

  @Test func `a content type that is absent stays absent`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let worker = try plane.worker("w") { _ in .answer("x", type: nil) }
      plane.publish([worker])
      let answer = try plane.connect().call("ink")
      #expect(answer.value("content-type") == nil)
      #expect(worker.seen.values.first?.value("content-type") == nil)
    }
  }

  @Test func `connections on both sides are kept alive`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let worker = try plane.worker("w") { .answer($0.body) }
      plane.publish([worker])
      let caller = try plane.connect()
      for number in 0..<20 { #expect(try caller.call("\(number)").body == "\(number)") }
      #expect(worker.accepted == 1)
    }
  }

  @Test func `requests of both kinds are answered in their order`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      let invoke = "POST /endpoints/words/invocations HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\n\r\n"
      let control = "GET /a HTTP/1.1\r\nHost: x\r\n\r\n"
      caller.send(invoke + "1" + control + invoke + "2" + invoke + "3" + control)
      let bodies = try (0..<5).map { _ in try caller.answer().body }
      #expect(bodies == ["1", "control /a", "2", "3", "control /a"])
      #expect(plane.control.values.joined() == control + control)
    }
  }

  @Test func `bytes may come one at a time`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      let text =
        "GET /a HTTP/1.1\r\nHost: x\r\n\r\nPOST /endpoints/words/invocations HTTP/1.1\r\nHost: x\r\n"
        + "Transfer-Encoding: chunked\r\n\r\n3;x=y\r\nabc\r\n2\r\nde\r\n0\r\nTrailer: t\r\n\r\n"
      for byte in text.utf8 { _ = caller.stream.send([byte]) }
      #expect(try caller.answer().body == "control /a")
      #expect(try caller.answer().body == "abcde")
    }
  }

  @Test(arguments: [
    ["Content-Length: 3\r\n\r\nabc"], ["Content-Length: 3\r\n\r\na", "bc"], ["Content-Length: 3\r\n\r\n", "abc"],
    ["Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n"],
    ["Transfer-Encoding: chunked\r\n\r\n3\r", "\nab", "c\r\n0\r\n", "\r\n"],
  ])
  func `the body of a control request goes inward unaltered`(parts: [String]) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      var expected = ""
      for part in ["POST /a HTTP/1.1\r\nHost: x\r\n" + parts[0]] + parts.dropFirst() {
        caller.send(part)
        expected += part
        // The next part is a read of its own.
        let soFar = expected
        try await waitUntil("the bytes inside") { plane.control.values.joined() == soFar }
      }
      #expect(try caller.answer().body == "control /a")
      #expect(try caller.call("on").body == "on")
    }
  }

  static let invoke = "POST /endpoints/words/invocations HTTP/1.1\r\nHost: x\r\n"

  @Test(arguments: [
    invoke + "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
    invoke + "Content-Length: 1\r\nContent-Length: 1\r\n\r\n", invoke + "Content-Length: +1\r\n\r\n",
    invoke + "Content-Length: 1, 1\r\n\r\n", invoke + "Content-Length: 99999999999999999999\r\n\r\n",
    invoke + "Transfer-Encoding: gzip, chunked\r\n\r\n", invoke + "Transfer-Encoding : chunked\r\n\r\n",
    invoke + "Transfer-Encoding: chunked\r\n\r\nx\r\n", invoke + "A: b\r\n c\r\n\r\n", invoke + "A: b\rc\r\n\r\n",
    invoke + "A: b\nContent-Length: 5\r\n\r\n", invoke + "A\u{0}: b\r\n\r\n", "GET /a HTTP/1.1\nHost: x\n\n",
    "GET /a HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", "CONNECT x:1 HTTP/1.1\r\n\r\n",
    "GET  /a HTTP/1.1\r\n\r\n", "GET /a HTTP/2.0\r\n\r\n", "\u{16}\u{3}\u{1}\r\n\r\n",
  ])
  func `what two readers could read in two ways is refused`(request: String) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let worker = try plane.worker("w") { _ in .answer("x") }
      plane.publish([worker])
      let caller = try plane.connect()
      caller.send(request)
      let answer = try caller.answer()
      #expect([400, 405, 501, 505].contains(answer.status) && answer.value("connection") == "close")
      #expect(caller.isClosed() && worker.seen.values.isEmpty && plane.control.values.isEmpty)
    }
  }

  @Test(arguments: [
    ("GET /endpoints/words/invocations", 405), ("POST /endpoints/words/other", 404), ("POST /endpoints/words", 404),
    ("GET /endpoints/words/invocations-response-stream", 405), ("POST /endpoints/no%74/invocations", 400),
  ])
  func `what is not offered is refused, and the connection lives on`(line: String, status: Int) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      caller.send("\(line) HTTP/1.1\r\nHost: x\r\nContent-Length: 3\r\n\r\nabc")
      #expect(try caller.answer().status == status)
      #expect(try caller.call("on").body == "on")
    }
  }

  @Test(arguments: [true, false])
  func `a body that is too large is refused`(isChunked: Bool) async throws {
    try await withScratchFolder { folder in
      var settings = RouterSettings()
      settings.largestBody = 10
      let plane = try await DataPlane(folder, settings: settings)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      if isChunked {
        caller.send(Self.invoke + "Transfer-Encoding: chunked\r\n\r\nb\r\n01234567890\r\n0\r\n\r\n")
      } else {
        caller.post("01234567890")
      }
      let answer = try caller.answer()
      #expect(answer.status == 413 && answer.body.contains("HTTP content length exceeded 10 bytes."))
      #expect(try caller.call("0123456789").status == 200)
    }
  }

  @Test func `a body is asked for when the client wants to be asked`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      caller.send(Self.invoke + "Expect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      #expect(try caller.answer().status == 100)
      caller.send("ab")
      #expect(try caller.answer().body == "ab")
    }
  }

  @Test func `a control request's client is asked for its body when somebody wants it`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let caller = try plane.connect()
      caller.send("PUT /wanted HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 4\r\n\r\n")
      #expect(try caller.answer().status == 100)
      #expect(try caller.answer().body == "control /wanted")
      // (What the fake takes for the end of a head.)
      caller.send("\r\n\r\nGET /next HTTP/1.1\r\nHost: x\r\n\r\n")
      #expect(try caller.answer().body == "control /next")
    }
  }

  @Test func `a client that waits to be asked and gets another answer is let go`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let caller = try plane.connect()
      caller.send("PUT /refused HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n")
      #expect(try caller.answer().body == "control /refused")
      #expect(caller.isClosed())
    }
  }

  @Test(arguments: [
    "PUT /endpoints/a HTTP/1.1\r\nAuthorization: AWS4-HMAC-SHA256 Credential=K/20261124/us-east-1/s3/aws4_request, x",
    "GET /endpoints/a?X-Amz-Credential=K%2F20261124%2Fus-east-1%2Fs3%2Faws4_request HTTP/1.1\r\nX: y",
    "GET /endpoints/a?AWSAccessKeyId=K&Signature=x HTTP/1.1\r\nX: y", "GET /endpoints/a HTTP/1.1\r\nX-Htr-Service: s3",
  ])
  func `a bucket may bear the name of the endpoints' path`(request: String) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      let caller = try plane.connect()
      caller.send(request + "\r\nHost: x\r\n\r\n")
      #expect(try caller.answer().body.hasPrefix("control /endpoints/a"))
    }
  }

  @Test(arguments: ["HTTP/1.1\r\nConnection: close", "HTTP/1.0"])
  func `the connection ends when the client wants it to`(version: String) async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let caller = try plane.connect()
      caller.send("POST /endpoints/words/invocations \(version)\r\nHost: x\r\nContent-Length: 1\r\n\r\na")
      #expect(try caller.answer().body == "a")
      #expect(caller.isClosed())
    }
  }

  @Test func `six megabytes go both ways unaltered`() async throws {
    try await withScratchFolder { folder in
      let plane = try await DataPlane(folder)
      plane.publish([try plane.worker("w") { .answer($0.body) }])
      let body = String(repeating: "0123456789abcdef", count: 6_291_456 / 16)
      let caller = try plane.connect()
      for _ in 0..<3 { #expect(try caller.call(body).body == body) }
      #expect(plane.router.figures()[0].bytesOut == 3 * 6_291_456)
    }
  }
}
