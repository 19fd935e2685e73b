import Glibc
import HostKit
import Synchronization
import TestKit

/// A connection to a serving worker, in plain bytes, so that tests can be as rude as they like.
final class ServingLine: Sendable {
  struct Answer: Sendable {
    var status: Int
    var reason: String
    /// Names in lower case.
    var headers: [String: String]
    var body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Lives as long as somebody talks to it.
  private let worker: ServingWorker
  private let number: Int32
  private let buffer = Mutex<[UInt8]>([])

  /// - Parameter other: another socket than the worker's own.
  init(_ worker: ServingWorker, at other: String? = nil) throws(SystemError) {
    self.worker = worker
    let path = other ?? worker.socket
    number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue) | Int32(SOCK_CLOEXEC.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let bytes = Array(path.utf8)
    guard number >= 0, bytes.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SystemError("connect to", path, code: ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: bytes) }
    let code = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard code == 0 else {
      let reason = errno
      close(number)
      throw SystemError("connect to", path, code: reason)
    }
    var limit = timeval(tv_sec: 30, tv_usec: 0)
    setsockopt(number, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { close(number) }

  static func post(_ body: [UInt8], _ headers: [String: String] = [:]) -> [UInt8] {
    let lines = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
    return Array("POST /invocations HTTP/1.1\r\nHost: h\r\nContent-Length: \(body.count)\r\n\(lines)\r\n".utf8) + body
  }

  func send(_ text: String) throws(SystemError) { try send(Array(text.utf8)) }

  func send(_ bytes: [UInt8]) throws(SystemError) {
    var rest = bytes[...]
    while !rest.isEmpty {
      let count = rest.withUnsafeBytes { Glibc.send(number, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      guard count > 0 else { throw SystemError("send to", "the worker") }
      rest = rest.dropFirst(count)
    }
  }

  /// Says that nothing more will come.
  func endOutput() { shutdown(number, Int32(SHUT_WR)) }

  /// The next answer.
  func answer() async throws -> Answer { try await offPool { try self.readAnswer() } }

  /// Waits for the end of the stream; what comes before it.
  func end() async throws -> [UInt8] {
    try await offPool {
      while try self.more() {}
      return self.buffer.withLock { $0 }
    }
  }

  private func more() throws -> Bool {
    var part = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(number, &part, part.count, 0)
    guard count >= 0 else { throw SystemError("read from", "the worker") }
    buffer.withLock { $0 += part[..<count] }
    return count > 0
  }

  private func readAnswer() throws -> Answer {
    while true {
      if let answer = buffer.withLock({ Self.take(&$0) }) { return answer }
      guard try more() else { throw SystemError("read an answer from", "the worker", code: ECONNRESET) }
    }
  }

  private static func take(_ bytes: inout [UInt8]) -> Answer? {
    guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { return nil }
    let lines = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).split(separator: "\r\n")
    let words = lines[0].split(separator: " ", maxSplits: 2)
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let parts = line.split(separator: ": ", maxSplits: 1).map(String.init)
      headers[parts[0].lowercased()] = parts.count > 1 ? parts[1] : ""
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard bytes.count >= end.upperBound + length else { return nil }
    let body = Array(bytes[end.upperBound..<end.upperBound + length])
    bytes.removeFirst(end.upperBound + length)
    return Answer(
      status: words.count > 1 ? Int(words[1]) ?? 0 : 0, reason: words.count > 2 ? String(words[2]) : "",
      headers: headers, body: body)
  }
}
