import ArchiveKit
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// `htr-worker serve mock`: what it answers, and how it starts and ends.
@Suite(.timeLimit(.minutes(1))) struct MockServerTests {
  // MARK: Answers

  @Test func `a ready server answers pings`() async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.ping()
      #expect(answer.status == 200)
      #expect(!answer.closes)
    }
  }

  @Test func `an invocation is told what was sent`() async throws {
    try await MockServerFixture.use(["HTR_ATTEMPT": "i-1"]) { server in
      let answer = try await server.once {
        try $0.ask(
          "POST", "/invocations?a=b",
          ["content-type: text/csv", "ACCEPT:  */* ", "x-amzn-SageMaker-custom-attributes: trace=7"], Array("1,2".utf8))
      }
      #expect(answer.status == 200)
      #expect(answer.headers["content-type"] == "application/json")
      #expect(answer.headers["x-amzn-sagemaker-custom-attributes"] == "trace=7")
      let expected: JSON = [
        "algorithm": "mock", "model_sha256": .string(Digest.sha256(of: MockServerFixture.model)), "bytes": 3,
        "body_sha256": .string(Digest.sha256(of: Array("1,2".utf8))), "content_type": "text/csv", "accept": "*/*",
        "custom_attributes": "trace=7", "pid": .integer(Int64(server.process.pid)), "worker": "i-1",
      ]
      #expect(try answer.json() == expected)
    }
  }

  @Test func `what was not sent is null`() async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.invoke().json()
      for key in ["content_type", "accept", "custom_attributes", "worker"] { #expect(answer[key] == .null) }
    }
  }

  @Test(arguments: [
    (["Content-Type: application/x-echo"], "application/x-echo"),
    (["Content-Type: image/png", "Accept: application/octet-stream"], "image/png"),
    (["Accept: application/octet-stream"], "application/octet-stream"),
  ])
  func `an echo has every byte and the type of the request`(headers: [String], type: String) async throws {
    let body = (0..<100_000).map { _ in UInt8.random(in: 0...255) }
    try await MockServerFixture.use { server in
      let answer = try await server.once { try $0.ask("POST", "/invocations", headers, body) }
      #expect(answer.body == body)
      #expect(answer.headers["content-type"] == type)
    }
  }

  @Test func `a chunked body is put together`() async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.once { client in
        try client.send("POST /invocations HTTP/1.1\r\nTransfer-Encoding: Chunked\r\n")
        try client.send("Content-Type: application/x-echo\r\n\r\n5;x=y\r\nhello\r\n")
        try client.send("1\r\n \r\nA\r\n0123456789\r\n0\r\nTrailer: x\r\n\r\n")
        let first = try client.answer()
        #expect(try client.ask("GET", "/ping").status == 200)
        return first
      }
      #expect(String(decoding: answer.body, as: UTF8.self) == "hello 0123456789")
    }
  }

  @Test func `requests that are sent together are answered in their order`() async throws {
    try await MockServerFixture.use { server in
      try await server.once { client in
        let echo = ["Content-Type: application/x-echo"]
        try client.send((0..<50).flatMap { MockClient.request("POST", "/invocations", echo, Array("\($0)".utf8)) })
        for number in 0..<50 { #expect(try client.answer().body == Array("\(number)".utf8)) }
      }
    }
  }

  @Test func `a client that asks first may send its body`() async throws {
    try await MockServerFixture.use { server in
      try await server.once { client in
        try client.send("POST /invocations HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try client.answer().status == 100)
        try client.send("ab")
        #expect(try client.answer().json()["bytes"] == 2)
      }
    }
  }

  @Test(arguments: [("HTTP/1.1\r\nConnection: close", true), ("HTTP/1.0", true), ("HTTP/1.1", false)])
  func `a connection stays open unless the client wants otherwise`(end: String, closes: Bool) async throws {
    try await MockServerFixture.use { server in
      try await server.once { client in
        try client.send("GET /ping \(end)\r\n\r\n")
        #expect(try client.answer().closes == closes)
        if closes { #expect(client.rest().isEmpty) } else { #expect(try client.ask("GET", "/ping").status == 200) }
      }
    }
  }

  @Test(arguments: [
    ("GET /other HTTP/1.1\r\n\r\n", 404), ("GET /invocations HTTP/1.1\r\n\r\n", 405),
    ("POST /ping HTTP/1.1\r\n\r\n", 405), ("nonsense\r\n\r\n", 400), ("GET /ping HTTP/2.0\r\n\r\n", 400),
    ("GET /ping HTTP/1.1\r\nno colon\r\n\r\n", 400), ("GET /ping HTTP/1.1\r\n: x\r\n\r\n", 400),
    ("GET /ping HTTP/1.1\r\nA: \u{1}\r\n\r\n", 400),
    ("POST /invocations HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    ("POST /invocations HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n", 400),
    ("POST /invocations HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n", 400),
    ("POST /invocations HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    ("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nx\r\n", 400),
    ("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
    ("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nab\r\n", 400),
    ("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n", 413),
    ("POST /invocations HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", 413),
    ("POST /invocations HTTP/1.1\r\nContent-Length: 99999999999999999999999\r\n\r\n", 413),
  ])
  func `a request that cannot be served is refused`(request: String, status: Int) async throws {
    try await expectRefusal(of: request, status)
  }

  @Test(arguments: [(1, 70_000), (101, 1)])
  func `headers beyond the bounds are refused`(count: Int, length: Int) async throws {
    let headers = String(repeating: "A: \(String(repeating: "b", count: length))\r\n", count: count)
    try await expectRefusal(of: "GET /ping HTTP/1.1\r\n\(headers)\r\n", 431)
  }

  private func expectRefusal(of request: String, _ status: Int) async throws {
    try await MockServerFixture.use { server in
      try await server.once { client in
        try client.send(request)
        let answer = try client.answer()
        #expect(answer.status == status)
        #expect(answer.closes)
        #expect(try answer.json()["error"]?["message"]?.string?.isEmpty == false)
      }
      let next = try await server.ping()
      #expect(next.status == 200)
    }
  }

  @Test func `a connection too many is refused until one is free again`() async throws {
    try await MockServerFixture.use { server in
      let socket = server.socket
      try await offPool {
        var clients = try (0..<256).map { _ in try MockClient(socket) }
        for client in clients { #expect(try client.ask("GET", "/ping").status == 200) }
        #expect(try MockClient(socket).answer().status == 503)
        clients.removeLast()
      }
      try await waitUntil("a free place") { try MockClient(socket).ask("GET", "/ping").status == 200 }
    }
  }

  // MARK: Start

  @Test(arguments: [
    ([], "which algorithm"), (["mock"], "--model FOLDER is missing"), (["mock", "--model", "m"], "--socket PATH"),
    (["mock", "--model"], "--model has no value"), (["mock", "--port", "1"], "--port is unknown"),
    (["mock", "--model", "a", "--model", "b"], "twice"),
    (["text-recognition", "--model", "m", "--socket", "s"], "htr-inference --model FOLDER"),
    (["word-segmentation", "--model", "m", "--socket", "s"], "htr-inference --model FOLDER"),
    (["magic", "--model", "m", "--socket", "s"], "There are: mock,"),
  ])
  func `arguments that cannot be served end the worker with 2`(words: [String], message: String) async throws {
    let worker = try MockServerFixture.start(words)
    #expect(try await worker.end() == .code(2))
    #expect(worker.errorText.contains(message))
  }

  @Test(arguments: [
    ("START_SECONDS", "-1"), ("START_EXIT", "256"), ("PING_STATUS", "199"), ("PING_SILENT", "perhaps"),
    ("REQUEST_SECONDS", "nan"), ("IGNORE_TERM", ""), ("LEAK_MIB", "65537"), ("LAUGH", "1"),
  ])
  func `a wrong variable ends the worker with 2`(name: String, value: String) async throws {
    try await withScratchFolder { folder in
      try MockServerFixture.makeModel(folder)
      let worker = try MockServerFixture.start(
        ["mock", "--model", "\(folder)/model", "--socket", "\(folder)/socket"], ["HTR_MOCK_\(name)": value])
      #expect(try await worker.end() == .code(2))
      #expect(worker.errorText.contains("HTR_MOCK_\(name) "))
    }
  }

  @Test func `a missing model ends the worker with 3`() async throws {
    try await withScratchFolder { folder in
      let worker = try MockServerFixture.start(["mock", "--model", folder, "--socket", "\(folder)/socket"])
      #expect(try await worker.end() == .code(3))
      #expect(worker.errorText.contains("There is no file \(folder)/model.bin"))
      #expect(!Files.exists("\(folder)/socket"))
    }
  }

  @Test func `what a dead worker has left is replaced`() async throws {
    try await MockServerFixture.use { server in
      server.process.send(SIGKILL)
      try await server.process.end()
      #expect(Files.exists(server.socket))
      let next = try MockServerFixture.start(["mock", "--model", "\(server.folder)/model", "--socket", server.socket])
      try await next.waitUntil("readiness") { output, _ in !output.isEmpty }
      #expect(try await server.ping().status == 200)
      next.send(SIGTERM)
      #expect(try await next.end() == .code(0))
    }
  }

  @Test func `a file in the socket's place is left alone`() async throws {
    try await withScratchFolder { folder in
      try MockServerFixture.makeModel(folder)
      let worker = try MockServerFixture.start(
        ["mock", "--model", "\(folder)/model", "--socket", "\(folder)/model/model.bin"])
      #expect(try await worker.end() == .code(2))
      #expect(worker.errorText.contains("File exists"))
      #expect(try Files.read("\(folder)/model/model.bin") == MockServerFixture.model)
    }
  }

  @Test func `a socket's path that is too long ends the worker with 2`() async throws {
    try await withScratchFolder { folder in
      try MockServerFixture.makeModel(folder)
      let path = "\(folder)/\(String(repeating: "s", count: 108))"
      let worker = try MockServerFixture.start(["mock", "--model", "\(folder)/model", "--socket", path])
      #expect(try await worker.end() == .code(2))
      #expect(worker.errorText.contains("107 bytes"))
    }
  }

  @Test func `nobody else may connect`() async throws {
    try await MockServerFixture.use { server in
      let isPrivate = try Files.isPrivate(server.socket)
      #expect(isPrivate)
    }
  }

  // MARK: End

  @Test func `a stop finishes the request in hand and takes no other`() async throws {
    try await MockServerFixture.use { server in
      let socket = server.socket
      let process = server.process
      let (busy, idle) = try await offPool { (try MockClient(socket), try MockClient(socket)) }
      try await offPool {
        // The server's word that it has begun with this request.
        try busy.send("POST /invocations HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n\r\n")
        #expect(try busy.answer().status == 100)
        #expect(try idle.ask("GET", "/ping").status == 200)
        process.send(SIGTERM)
        #expect(idle.rest().isEmpty)
      }
      #expect(throws: SystemError.self) { try MockClient(socket) }
      try await offPool {
        try busy.send("ab")
        let answer = try busy.answer()
        #expect(try answer.json()["bytes"] == 2)
        #expect(answer.closes)
      }
      #expect(try await process.end() == .code(0))
    }
  }

  @Test func `no request that was taken is lost by a stop under load`() async throws {
    try await MockServerFixture.use { server in
      let socket = server.socket
      let process = server.process
      let counts = Mailbox<Int>()
      async let lost = withThrowingTaskGroup { group in
        for _ in 0..<8 { group.addTask { try await offPool { try Self.askUntilStopped(socket, counts) } } }
        return try await group.reduce(0, +)
      }
      _ = try await counts.first("load") { $0 == 100 }
      process.send(SIGTERM)
      #expect(try await process.end() == .code(0))
      #expect(try await lost == 0)
    }
  }

  /// Asks on one connection until the server closes it; the requests that were sent whole and not answered.
  private static func askUntilStopped(_ socket: String, _ counts: Mailbox<Int>) throws -> Int {
    let client = try MockClient(socket)
    let request = MockClient.request("POST", "/invocations", [], Array("a word".utf8))
    for number in 1... {
      do { try client.send(request) } catch { return 0 }
      guard let answer = try? client.answer() else { return 1 }
      guard answer.status == 200 else { return 1 }
      if number == 100 { counts.send(number) }
      if answer.closes { return 0 }
    }
    return 0
  }
}
