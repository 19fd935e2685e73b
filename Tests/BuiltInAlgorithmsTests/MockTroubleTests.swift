import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

@testable import BuiltInAlgorithms

/// `htr-worker serve mock`: every way in which it misbehaves when asked to.
@Suite(.timeLimit(.minutes(1))) struct MockTroubleTests {
  // MARK: By environment

  @Test func `a slow start answers 503 to everything`() async throws {
    try await MockServerFixture.use(["HTR_MOCK_START_SECONDS": "3600"], awaitsReady: false) { server in
      try await waitUntil("the door") { (try? MockClient(server.socket)) != nil }
      #expect(try await server.ping().status == 503)
      #expect(try await server.invoke().status == 503)
      server.process.send(SIGTERM)
      #expect(try await server.process.end() == .code(0))
    }
  }

  @Test func `a slow start ends in readiness`() async throws {
    let began = ContinuousClock.now
    try await MockServerFixture.use(["HTR_MOCK_START_SECONDS": "0.3"]) { server in
      #expect(ContinuousClock.now - began >= .seconds(0.3))
      let answer = try await server.ping()
      #expect(answer.status == 200)
    }
  }

  @Test(arguments: [0, 1, 42]) func `a start can fail`(code: Int32) async throws {
    try await withScratchFolder { folder in
      try MockServerFixture.makeModel(folder)
      let worker = try MockServerFixture.start(
        ["mock", "--model", "\(folder)/model", "--socket", "\(folder)/socket"], ["HTR_MOCK_START_EXIT": "\(code)"])
      #expect(try await worker.end() == .code(code))
      #expect(worker.errorText.contains("the mock server gives up, as it was asked to"))
      #expect(!worker.outputText.contains("is ready"))
    }
  }

  @Test func `pings can be answered by another status`() async throws {
    try await MockServerFixture.use(["HTR_MOCK_PING_STATUS": "500"]) { server in
      let (ping, invocation) = (try await server.ping(), try await server.invoke())
      #expect(ping.status == 500)
      #expect(invocation.status == 200)
    }
  }

  @Test func `pings can stay without an answer`() async throws {
    try await MockServerFixture.use(["HTR_MOCK_PING_SILENT": "1"]) { server in
      let socket = server.socket
      let process = server.process
      let client = try await offPool { try MockClient(socket) }
      try client.send("GET /ping HTTP/1.1\r\n\r\n")
      #expect(try await server.invoke().status == 200)
      #expect(!client.hasNews)
      process.send(SIGTERM)
      #expect(try await process.end() == .code(0))
      #expect(client.rest().isEmpty)
    }
  }

  @Test func `each request can take its time`() async throws {
    try await MockServerFixture.use(["HTR_MOCK_REQUEST_SECONDS": "0.2"]) { server in
      let began = ContinuousClock.now
      let answer = try await server.invoke()
      #expect(answer.status == 200)
      #expect(ContinuousClock.now - began >= .seconds(0.2))
    }
  }

  @Test func `a stop can be ignored`() async throws {
    try await MockServerFixture.use(["HTR_MOCK_IGNORE_TERM": "1"]) { server in
      server.process.send(SIGTERM)
      let status = try Files.readText("/proc/\(server.process.pid)/status")
      let ignored = status.split(separator: "\n").first { $0.hasPrefix("SigIgn:") }?.split(separator: "\t").last
      #expect(try #require(UInt64(ignored ?? "", radix: 16)) & 1 << (UInt64(SIGTERM) - 1) != 0)
      #expect(try await server.ping().status == 200)
    }
  }

  @Test func `each request can leak memory`() async throws {
    try await MockServerFixture.use(["HTR_MOCK_LEAK_MIB": "32"]) { server in
      let before = try residentKibibytes(server.process.pid)
      for _ in 0..<3 { #expect(try await server.invoke().status == 200) }
      #expect(try await server.ping().status == 200)
      #expect(try residentKibibytes(server.process.pid) - before >= 96 << 10)
    }
  }

  private func residentKibibytes(_ pid: Int32) throws -> Int {
    let line = try Files.readText("/proc/\(pid)/status").split(separator: "\n").first { $0.hasPrefix("VmRSS:") }
    return try #require(line.flatMap { Int($0.filter(\.isNumber)) })
  }

  @Test func `a leak ends the worker at its limit of memory`() async throws {
    try await MockServerFixture.use(["HTR_MOCK_LEAK_MIB": "64"], addressSpaceKibibytes: 1 << 20) { server in
      await #expect(throws: MockClient.CutShort.self) {
        for _ in 0..<20 { _ = try await server.invoke() }
      }
      let exit = try await server.process.end()
      #expect(exit == .code(1))
      #expect(server.process.errorText.contains("no room for 64 MiB more"))
    }
  }

  // MARK: By request

  @Test func `a request can end the worker`() async throws {
    try await MockServerFixture.use { server in
      await #expect(throws: MockClient.CutShort.self) { try await server.invoke("mock:exit=3") }
      let exit = try await server.process.end()
      #expect(exit == .code(3))
    }
  }

  @Test func `a request can kill the worker in the middle of its answer`() async throws {
    try await MockServerFixture.use { server in
      let cut = await #expect(throws: MockClient.CutShort.self) { try await server.invoke("mock:kill,size=1000") }
      let text = String(decoding: try #require(cut).bytes, as: UTF8.self)
      #expect(text.hasPrefix("HTTP/1.1 200 OK"))
      #expect(text.contains("Content-Length: 1000"))
      #expect(try await server.process.end() == .signal(SIGKILL))
    }
  }

  @Test func `a request can hang, and a stop with it`() async throws {
    try await MockServerFixture.use { server in
      let socket = server.socket
      let client = try await offPool { try MockClient(socket) }
      try client.send("POST /invocations HTTP/1.1\r\nContent-Length: 2\r\nExpect: 100-continue\r\n")
      try client.send("X-Amzn-SageMaker-Custom-Attributes: mock:hang\r\n\r\n")
      #expect(try client.answer().status == 100)
      try client.send("ab")
      #expect(try await server.invoke().status == 200)
      server.process.send(SIGTERM)
      try await server.process.waitUntil("the stop") { output, _ in
        String(decoding: output, as: UTF8.self).contains("finishes what it has in hand")
      }
      try await waitUntil("a closed door") { !Files.exists(socket) }
      #expect(!client.hasNews)
      #expect(kill(server.process.pid, 0) == 0)
    }
  }

  @Test func `an answer can be half of what it announces`() async throws {
    try await MockServerFixture.use { server in
      let cut = await #expect(throws: MockClient.CutShort.self) { try await server.invoke("mock:half") }
      let bytes = try #require(cut).bytes
      #expect(String(decoding: bytes, as: UTF8.self).contains("\r\nContent-Length: 1000\r\n"))
      #expect(Array(bytes.suffix(500)) == MockAnswer.bytes(500))
      #expect(String(decoding: bytes.dropLast(500), as: UTF8.self).hasSuffix("\r\n\r\n"))
      #expect(try await server.ping().status == 200)
    }
  }

  @Test func `an answer can be no HTTP`() async throws {
    try await MockServerFixture.use { server in
      let cut = await #expect(throws: MockClient.CutShort.self) { try await server.invoke("mock:garbage") }
      #expect(cut?.bytes == Array("This is no HTTP at all.\r\n\r\n".utf8))
    }
  }

  @Test(arguments: [404, 500, 503, 599]) func `an answer can have any status`(status: Int) async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.invoke("mock:status=\(status)")
      #expect(answer.status == status)
      #expect(try answer.json()["error"]?["message"]?.string?.isEmpty == false)
    }
  }

  @Test(arguments: [204, 304]) func `a status without a body has none`(status: Int) async throws {
    try await MockServerFixture.use { server in
      try await server.once { client in
        let answer = try client.invoke("mock:status=\(status),chunked,size=9")
        #expect(answer.status == status)
        #expect(answer.headers["content-length"] == nil && answer.headers["transfer-encoding"] == nil)
        #expect(try client.ask("GET", "/ping").status == 200)
      }
    }
  }

  @Test(arguments: ["mock:chunked", "mock:chunked,size=3", "mock:chunked,size=1000000"])
  func `an answer can come in chunks`(attributes: String) async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.invoke(attributes)
      #expect(answer.headers["content-length"] == nil)
      #expect(answer.chunks >= 3)
      #expect(answer.headers["x-amzn-sagemaker-custom-attributes"] == attributes)
    }
  }

  @Test func `a single request can take its time`() async throws {
    try await MockServerFixture.use { server in
      let began = ContinuousClock.now
      let answer = try await server.invoke("mock:seconds=0.2,status=418")
      #expect(answer.status == 418)
      #expect(ContinuousClock.now - began >= .seconds(0.2))
    }
  }

  @Test(arguments: [("mock:close", true), ("mock:close=unannounced", false)])
  func `a connection can be closed after the answer`(attributes: String, isAnnounced: Bool) async throws {
    try await MockServerFixture.use { server in
      try await server.once { client in
        let answer = try client.invoke(attributes)
        #expect(answer.status == 200)
        #expect(answer.closes == isAnnounced)
        #expect(client.rest().isEmpty)
      }
    }
  }

  @Test func `a connection can be closed in place of an answer`() async throws {
    try await MockServerFixture.use { server in
      let cut = await #expect(throws: MockClient.CutShort.self) { try await server.invoke("mock:close=unanswered") }
      #expect(cut?.bytes == [])
    }
  }

  @Test(arguments: [0, 1, 252, 100_000, 64 << 20]) func `an answer can have any size`(size: Int) async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.invoke("mock:size=\(size)")
      #expect(answer.headers["content-type"] == "application/octet-stream")
      #expect(answer.body == MockAnswer.bytes(size))
    }
  }

  @Test func `a client that leaves in the middle of an answer harms nobody`() async throws {
    try await MockServerFixture.use { server in
      try await server.once { client in
        let attributes = ["X-Amzn-SageMaker-Custom-Attributes: mock:size=10000000"]
        try client.send(MockClient.request("POST", "/invocations", attributes, []))
        while !client.hasNews { sched_yield() }
      }
      #expect(try await server.invoke().status == 200)
    }
  }

  @Test(arguments: [
    "mock:", "mock:dance", "mock:exit=256", "mock:status=199", "mock:status", "mock:seconds=-1", "mock:size=67108865",
    "mock:close=maybe", "mock:kill=perhaps",
  ])
  func `an instruction that is not to be had is refused`(attributes: String) async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.invoke(attributes)
      #expect(answer.status == 400)
      #expect(try answer.json()["error"]?["message"]?.string?.hasPrefix(attributes) == true)
      #expect(try await server.ping().status == 200)
    }
  }

  @Test func `custom attributes of others ask for nothing`() async throws {
    try await MockServerFixture.use { server in
      let answer = try await server.invoke("c000b4f9-df62-4c85-a0bf-7c525f9104a4, mock:exit=1")
      #expect(answer.status == 200)
    }
  }
}
