import Glibc
import HostKit
import JSONKit
import TestKit

/// A real `htr-worker serve mock` in a folder of its own.
struct MockServerFixture: Sendable {
  static let model = Array("what training has left".utf8)

  let folder: String
  let process: ChildProcess
  var socket: String { "\(folder)/socket" }

  /// Runs the body with a server that says that it is ready; it is killed afterwards.
  static func use(
    _ environment: [String: String] = [:], awaitsReady: Bool = true, addressSpaceKibibytes: Int? = nil,
    _ body: (MockServerFixture) async throws -> Void
  ) async throws {
    try await withScratchFolder { folder in
      let fixture = try MockServerFixture(folder, environment, addressSpaceKibibytes)
      let result: Result<Void, any Error>
      do {
        if awaitsReady {
          try await fixture.process.waitUntil("readiness") { output, _ in
            String(decoding: output, as: UTF8.self).contains("is ready")
          }
        } else {
          try await waitUntil("the socket") { Files.exists(fixture.socket) }
        }
        result = .success(try await body(fixture))
      } catch { result = .failure(error) }
      fixture.process.send(SIGKILL)
      try await fixture.process.end()
      try result.get()
    }
  }

  private init(_ folder: String, _ environment: [String: String], _ addressSpaceKibibytes: Int?) throws {
    self.folder = folder
    try Self.makeModel(folder)
    let arguments = ["mock", "--model", "\(folder)/model", "--socket", "\(folder)/socket"]
    if let limit = addressSpaceKibibytes {
      let worker = try Programs.built("htr-worker")
      process = try ChildProcess(
        "/bin/sh", ["-c", #"ulimit -v "$0" && exec "$@""#, "\(limit)", worker, "serve"] + arguments,
        environment: environment)
    } else {
      process = try Self.start(arguments, environment)
    }
  }

  static func makeModel(_ folder: String) throws {
    try Files.makeFolder("\(folder)/model")
    try Files.write(model, to: "\(folder)/model/model.bin", durable: false)
  }

  static func start(_ arguments: [String], _ environment: [String: String] = [:]) throws -> ChildProcess {
    try ChildProcess(Programs.built("htr-worker"), ["serve"] + arguments, environment: environment)
  }

  /// Calls the server on a connection of its own.
  func once<Answer: Sendable>(_ body: @escaping @Sendable (MockClient) throws -> Answer) async throws -> Answer {
    let socket = socket
    return try await offPool { try body(MockClient(socket)) }
  }

  func ping() async throws -> MockClient.Answer { try await once { try $0.ask("GET", "/ping") } }

  /// Invokes with an instruction in the custom attributes.
  func invoke(_ attributes: String? = nil, _ body: [UInt8] = Array("a word".utf8)) async throws -> MockClient.Answer {
    try await once { try $0.invoke(attributes, body) }
  }
}

/// A blocking HTTP client that shows what really came, also when that is no whole answer.
final class MockClient: Sendable {
  struct Answer: Sendable {
    var status = 0
    var headers: [String: String] = [:]
    var body: [UInt8] = []
    /// The chunks of a chunked body.
    var chunks = 0

    func json() throws -> JSON { try JSON(parsing: body) }
    var closes: Bool { headers["connection"] == "close" }
  }

  /// The stream ended before the answer did.
  struct CutShort: Error, Sendable {
    /// What came of it, head included.
    let bytes: [UInt8]
  }

  private let socket: Int32

  init(_ path: String) throws {
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(socket, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(socket, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    // All properties are set, so a throw here runs deinit.
    guard code == 0 else { throw SystemError("connect to", path) }
  }

  deinit { close(socket) }

  // MARK: Asking

  func ask(_ method: String, _ path: String, _ headers: [String] = [], _ body: [UInt8] = []) throws -> Answer {
    try send(Self.request(method, path, headers, body))
    return try answer()
  }

  func invoke(_ attributes: String? = nil, _ body: [UInt8] = Array("a word".utf8)) throws -> Answer {
    let headers = attributes.map { ["X-Amzn-SageMaker-Custom-Attributes: \($0)"] } ?? []
    return try ask("POST", "/invocations", headers, body)
  }

  static func request(_ method: String, _ path: String, _ headers: [String], _ body: [UInt8]) -> [UInt8] {
    let head = ["\(method) \(path) HTTP/1.1", "Host: mock", "Content-Length: \(body.count)"] + headers
    return Array((head.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body
  }

  func send(_ text: String) throws { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws {
    var rest = bytes[...]
    while !rest.isEmpty {
      let sent = rest.withUnsafeBytes { Glibc.send(socket, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard sent > 0 else { throw SystemError("send to", "the server") }
      rest = rest.dropFirst(sent)
    }
  }

  // MARK: Reading

  /// Everything until the stream ends, however it does.
  func rest() -> [UInt8] {
    var bytes: [UInt8] = []
    while let part = receive(1 << 16) { bytes += part }
    return bytes
  }

  /// Whether something could be read at once.
  var hasNews: Bool {
    var waiting = pollfd(fd: socket, events: Int16(POLLIN), revents: 0)
    return poll(&waiting, 1, 0) > 0
  }

  /// One answer, up to its last byte and no further.
  func answer() throws -> Answer {
    var seen: [UInt8] = []
    var answer = Answer()
    let first = try line(&seen)
    guard first.hasPrefix("HTTP/1.1 "), let status = Int(first.dropFirst(9).prefix(3)) else {
      throw CutShort(bytes: seen + rest())
    }
    answer.status = status
    while case let header = try line(&seen), !header.isEmpty {
      let parts = header.split(separator: ":", maxSplits: 1)
      answer.headers[parts[0].lowercased()] = String(parts[1].dropFirst())
    }
    if answer.headers["transfer-encoding"] == "chunked" {
      while let size = Int(try line(&seen), radix: 16), size > 0 {
        answer.body += try take(size, &seen)
        answer.chunks += 1
        _ = try line(&seen)
      }
      _ = try line(&seen)
    } else {
      answer.body = try take(Int(answer.headers["content-length"] ?? "0") ?? 0, &seen)
    }
    return answer
  }

  private func line(_ seen: inout [UInt8]) throws -> String {
    var line: [UInt8] = []
    while line.suffix(2) != [13, 10] { line += try take(1, &seen) }
    return String(decoding: line.dropLast(2), as: UTF8.self)
  }

  private func take(_ count: Int, _ seen: inout [UInt8]) throws -> [UInt8] {
    var bytes: [UInt8] = []
    while bytes.count < count {
      guard let part = receive(min(count - bytes.count, 1 << 16)) else { throw CutShort(bytes: seen + bytes) }
      bytes += part
    }
    seen += bytes
    return bytes
  }

  private func receive(_ limit: Int) -> [UInt8]? {
    var buffer = [UInt8](repeating: 0, count: limit)
    let count = recv(socket, &buffer, limit, 0)
    return count > 0 ? Array(buffer[..<count]) : nil
  }
}
