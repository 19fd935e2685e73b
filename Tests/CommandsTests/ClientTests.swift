import Client
import HostKit
import JSONKit
import Testing

@Suite(.timeLimit(.minutes(1)))
struct ClientTests {
  let folder: ScratchFolder
  let socket: String

  init() throws {
    folder = try ScratchFolder()
    socket = "\(folder.path)/htrd.sock"
  }

  @Test func `an action is a JSON 1-1 request with its target`() throws {
    let daemon = try FakeDaemon(socket) { _ in .json(#"{"TrainingJobArn":"arn"}"#) }
    defer { daemon.stop() }
    let answer = try DaemonClient(socket: socket).call("CreateTrainingJob", ["TrainingJobName": "a"])
    #expect(answer["TrainingJobArn"] == "arn")
    let request = try #require(daemon.requests.first)
    #expect(request.method == "POST" && request.target == "/")
    #expect(request.headers["x-amz-target"] == "SageMaker.CreateTrainingJob")
    #expect(request.headers["content-type"] == "application/x-amz-json-1.1")
    #expect(request.headers["expect"] == nil)
    #expect(request.body == Array(#"{"TrainingJobName":"a"}"#.utf8))
  }

  @Test func `an empty answer is an empty object`() throws {
    let daemon = try FakeDaemon(socket) { _ in .bytes([]) }
    defer { daemon.stop() }
    #expect(try DaemonClient(socket: socket).call("StopTrainingJob", [:]) == [:])
  }

  @Test func `a refusal carries code, message, status and request id`() throws {
    let daemon = try FakeDaemon(socket) { _ in
      .refusal(status: 400, body: #"{"__type":"com.amazon#ResourceInUse","message":"taken"}"#)
    }
    defer { daemon.stop() }
    #expect(throws: ServiceError(code: "ResourceInUse", message: "taken", status: 400, requestId: "r-1")) {
      try DaemonClient(socket: socket).call("CreateTrainingJob", [:])
    }
  }

  @Test func `connections are kept open between calls`() throws {
    let daemon = try FakeDaemon(socket) { _ in .json("{}") }
    defer { daemon.stop() }
    let client = DaemonClient(socket: socket)
    for _ in 0..<3 { _ = try client.status() }
    #expect(daemon.connections == 1 && daemon.requests.count == 3)
  }

  @Test func `a create is never sent twice, also when a kept connection turns out dead`() throws {
    let daemon = try FakeDaemon(socket) { $0.action == "CreateTrainingJob" ? .lost : .json("{}") }
    defer { daemon.stop() }
    let client = DaemonClient(socket: socket)
    _ = try client.status()
    #expect(throws: ClientError.self) { try client.call("CreateTrainingJob", [:]) }
    #expect(daemon.requests.count { $0.action == "CreateTrainingJob" } == 1)
  }

  @Test func `an answer beyond the limit is refused`() throws {
    let daemon = try FakeDaemon(socket) { _ in .bytes([UInt8](repeating: 0x20, count: 5000)) }
    defer { daemon.stop() }
    #expect(throws: ClientError.tooLarge(limit: 4096)) {
      try DaemonClient(socket: socket, answerLimit: 4096).status()
    }
  }

  @Test func `without a daemon the error says how to start it`() throws {
    let error = #expect(throws: ClientError.self) { try DaemonClient(socket: socket).status() }
    #expect("\(try #require(error))".hasPrefix("htrd is not running on \(folder.path)"))
    #expect("\(try #require(error))".hasSuffix("start it with `htrctl daemon start`"))
  }

  @Test func `a socket path that is too long is named`() throws {
    let long = "/" + String(repeating: "x", count: 107)
    #expect(throws: ClientError.self) { try DaemonClient(socket: long).status() }
  }

  @Test func `an answer that is no JSON is malformed`() throws {
    let daemon = try FakeDaemon(socket) { _ in .bytes(Array("hello".utf8)) }
    defer { daemon.stop() }
    #expect(throws: ClientError.malformed(reason: "invalid JSON at byte 0: unexpected character")) {
      try DaemonClient(socket: socket).status()
    }
  }

  @Test func `a file is uploaded byte for byte, its key encoded by segment`() throws {
    let daemon = try FakeDaemon(socket) { $0.method == "PUT" ? .bytes([]) : .json("{}") }
    defer { daemon.stop() }
    let bytes = (0..<200_000).map { UInt8(truncatingIfNeeded: $0 &* 7) }
    let path = "\(folder.path)/file"
    try Files.write(bytes, to: path, durable: false)
    let client = DaemonClient(socket: socket)
    let object = try client.putObject(bucket: "b", key: "job 1/source/ä.tar.gz", file: path)
    #expect(object == "s3://b/job 1/source/ä.tar.gz")
    let request = try #require(daemon.requests.first)
    #expect(request.method == "PUT")
    #expect(request.target == "/b/job%201/source/%C3%A4.tar.gz")
    #expect(request.body == bytes)
    // The same connection then does an ordinary call.
    _ = try client.status()
    #expect(daemon.requests.last?.method == "GET")
  }
}
