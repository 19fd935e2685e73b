import Glibc
import HostKit
import TestKit
import Testing

/// serve.py as a server: good manners and bad ones.
@Suite(.enabled(if: ServingWorker.python != nil, ServingWorker.hint), .timeLimit(.minutes(1)))
struct ServingHTTPTests {
  static let repeater = ServingScriptTests.repeater

  @Test func `ping answers 503 while the model loads and 200 afterwards`() async throws {
    let worker = try ServingWorker("def model_fn(model_dir):\n    print('loading')\n    open('GATE').read()\n")
    try await worker.printed("loading")
    let early = try await worker.ask("/ping")
    #expect(early.status == 503)
    #expect(early.headers["connection"] == "close")
    #expect(try await worker.ask().status == 503)
    try await worker.open()
    try await worker.ready()
    #expect(try await worker.ask("/ping").status == 200)
  }

  @Test func `ping answers while a prediction runs, which are done one at a time`() async throws {
    let worker = try await ServingWorker(
      ServingScriptTests.loader + """
        count = [0]
        def transform_fn(model, body, content_type, accept):
            count[0] += 1
            mine = count[0]
            print('begun', mine)
            if mine == 1: open('GATE').read()
            return str((mine, count[0]))
        """
    ).ready()
    async let first = worker.ask()
    try await worker.printed("begun 1")
    let second = try ServingLine(worker)
    try second.send(ServingLine.post([1]))
    #expect(try await worker.ask("/ping").status == 200)
    #expect(!worker.process.output.contains("begun 2"))
    try await worker.open()
    #expect(try await first.text == "(1, 1)")
    #expect(try await second.answer().text == "(2, 2)")
  }

  @Test func `requests sent at once on one connection are answered in order`() async throws {
    let worker = try await ServingWorker(Self.repeater).ready()
    let line = try ServingLine(worker)
    try line.send(
      ServingLine.post(Array("one".utf8)) + Array("\r\nGET /ping HTTP/1.1\r\n\r\n".utf8)
        + ServingLine.post(Array("two".utf8)))
    #expect(try await line.answer().text == "one")
    #expect(try await line.answer().text.contains("Healthy"))
    #expect(try await line.answer().text == "two")
  }

  @Test func `the socket is its owner's alone, and what lay there goes`() async throws {
    let worker = try await ServingWorker(Self.repeater).ready()
    #expect(try Files.isPrivate(worker.socket))
    worker.process.send(SIGKILL)
    try await worker.process.end()
    let next = try ChildProcess(
      try #require(ServingWorker.python),
      [
        "-u", ServingWorker.server, "--model-dir", worker.model, "--code-dir", "\(worker.model)/code", "--program",
        "inference.py", "--socket", worker.socket,
      ])
    try await next.waitUntil("readiness") { output, _ in output.contains("htr: ready") }
    #expect(try await worker.ask().text == "x")
    next.send(SIGKILL)
  }

  @Test func `a body of megabytes comes back whole`() async throws {
    let worker = try await ServingWorker(Self.repeater).ready()
    let body = [UInt8](repeating: 7, count: 6 << 20) + [1, 2, 3]
    let line = try ServingLine(worker)
    try line.send(ServingLine.post(body))
    #expect(try await line.answer().body == body)
  }

  @Test func `a body may come in chunks, and after an invitation`() async throws {
    let worker = try await ServingWorker(Self.repeater).ready()
    let line = try ServingLine(worker)
    try line.send(
      "POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\nExpect: 100-continue\r\n\r\n")
    #expect(try await line.answer().status == 100)
    try line.send("4;x=y\r\nfour\r\nA\r\n0123456789\r\n0\r\nTrailer: t\r\n\r\nGET /ping HTTP/1.1\r\n\r\n")
    #expect(try await line.answer().text == "four0123456789")
    #expect(try await line.answer().status == 200)
  }

  @Test func `an older client, or one that asks for it, gets its answer and the end`() async throws {
    let worker = try await ServingWorker(Self.repeater).ready()
    for head in ["GET /ping HTTP/1.0\r\n\r\n", "GET /ping HTTP/1.1\r\nConnection: close\r\n\r\n"] {
      let line = try ServingLine(worker)
      try line.send(head)
      let all = try await line.end()
      #expect(all.contains("200 OK"))
      #expect(all.contains("Connection: close"))
    }
  }

  struct Rude: Sendable, CustomTestStringConvertible {
    var bytes: String
    var status: Int
    var testDescription: String { "\(bytes.prefix(60)) gives \(status)" }

    init(_ bytes: String, _ status: Int) {
      self.bytes = bytes
      self.status = status
    }
  }

  @Test(arguments: [
    Rude("POST /invocations HTTP/1.1\r\n\r\n", 411),
    Rude("POST /invocations HTTP/1.1\r\nContent-Length: x\r\n\r\n", 400),
    Rude("POST /invocations HTTP/1.1\r\nContent-Length: -1\r\n\r\n", 400),
    Rude("POST /invocations HTTP/1.1\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nxx", 400),
    Rude("POST /invocations HTTP/1.1\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\nx", 400),
    Rude("POST /invocations HTTP/1.1\r\nContent-Length: 67108865\r\n\r\n", 413),
    Rude("POST /invocations HTTP/1.1\r\nContent-Length: 99999999999999999999\r\n\r\n", 400),
    Rude("POST /invocations HTTP/1.1\r\nTransfer-Encoding: gzip\r\n\r\n", 501),
    Rude("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", 400),
    Rude("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n-1\r\n", 400),
    Rude("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n2\r\nabc\r\n", 400),
    Rude("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n4000001\r\n", 413),
    Rude("POST /invocations HTTP/1.1\r\nTransfer-Encoding: chunked\r\n\r\n" + String(repeating: "1", count: 9000), 400),
    Rude("GET /ping HTTP/1.1\r\nX: " + String(repeating: "x", count: 70_000), 431),
    Rude("GET /ping HTTP/1.1\r\nX: " + String(repeating: "x", count: 70_000) + "\r\n\r\n", 431),
    Rude("GET /ping HTTP/1.1\r\nno colon\r\n\r\n", 400),
    Rude("GET /ping HTTP/1.1\r\nX : y\r\n\r\n", 400),
    Rude("GET /ping HTTP/1.1\r\nX: y\r\n z\r\n\r\n", 400),
    Rude("GET /ping HTTP/1.1\r\nX: a\nY: b\r\n\r\n", 400),
    Rude("GET ping HTTP/1.1\r\n\r\n", 400),
    Rude("hello\r\n\r\n", 400),
    Rude("\u{0}\u{1}\u{2}\r\n\r\n", 400),
    Rude("GET /ping HTTP/2.0\r\n\r\n", 505),
  ])
  func `a request that cannot be read is refused and its connection ends`(_ rude: Rude) async throws {
    let worker = try await ServingWorker(Self.repeater).ready()
    let line = try ServingLine(worker)
    try line.send(rude.bytes)
    #expect(try await line.answer().status == rude.status)
    line.endOutput()
    #expect(try await line.end() == [])
    #expect(try await worker.ask().text == "x")
  }

  @Test(arguments: [
    Rude("GET /invocations HTTP/1.1\r\n\r\n", 405), Rude("POST /ping HTTP/1.1\r\nContent-Length: 0\r\n\r\n", 405),
    Rude("GET /execution-parameters HTTP/1.1\r\n\r\n", 404), Rude("GET / HTTP/1.1\r\n\r\n", 404),
    Rude("GET /ping?deep=true HTTP/1.1\r\n\r\n", 200),
  ])
  func `what it does not serve is said, and the connection goes on`(_ rude: Rude) async throws {
    let worker = try await ServingWorker(Self.repeater).ready()
    let line = try ServingLine(worker)
    try line.send(rude.bytes)
    #expect(try await line.answer().status == rude.status)
    try line.send("GET /ping HTTP/1.1\r\n\r\n")
    #expect(try await line.answer().status == 200)
  }

  @Test(arguments: ["GET /pi", "POST /invocations HTTP/1.1\r\nContent-Length: 9\r\n\r\nhalf"])
  func `half a request is refused when its sender ends or stalls`(_ half: String) async throws {
    let worker = try await ServingWorker(Self.repeater, edit: ["STALL_SECONDS = 10": "STALL_SECONDS = 1"]).ready()
    let ended = try ServingLine(worker)
    try ended.send(half)
    ended.endOutput()
    #expect(try await ended.answer().status == 400)
    let stalled = try ServingLine(worker)
    try stalled.send(half)
    #expect(try await stalled.answer().status == 408)
    #expect(try await worker.ask().text == "x")
  }

  @Test func `a client that goes away during its prediction harms nobody`() async throws {
    let worker = try await ServingWorker(
      ServingScriptTests.loader
        + "def transform_fn(model, body, c, a):\n    print('begun')\n    open('GATE').read()\n    return body * 1000000\n"
    ).ready()
    do {
      let line = try ServingLine(worker)
      try line.send(ServingLine.post([1]))
      try await worker.printed("begun")
    }
    try await worker.open()
    async let next = worker.ask()
    try await worker.printed("begun", times: 2)
    try await worker.open()
    #expect(try await next.body.count == 1_000_000)
  }
}
