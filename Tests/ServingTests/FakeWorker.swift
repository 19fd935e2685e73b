import Foundation
import Glibc
import Synchronization
import TestKit

/// A request as a worker saw it.
struct SeenRequest: Sendable {
  let head: String
  let body: [UInt8]

  func value(_ name: String) -> String? {
    for line in head.split(separator: "\r\n").dropFirst() {
      let parts = line.split(separator: ":", maxSplits: 1)
      if parts[0].lowercased() == name.lowercased() { return parts[1].drop { $0 == " " }.description }
    }
    return nil
  }
}

/// What a fake worker does with a request.
enum Reaction: Sendable {
  /// These bytes, and the connection stays.
  case send([UInt8])
  /// These bytes, and the connection is closed.
  case sendAndClose([UInt8])
  /// These bytes, and nothing more until the other side closes.
  case sendAndHang([UInt8])
  /// Nothing, until the other side closes.
  case hang

  static func answer(_ body: String, status: Int = 200, type: String? = "text/plain", more: String = "") -> Reaction {
    answer(Array(body.utf8), status: status, type: type, more: more)
  }

  static func answer(_ body: [UInt8], status: Int = 200, type: String? = "text/plain", more: String = "") -> Reaction {
    let typeLine = type.map { "Content-Type: \($0)\r\n" } ?? ""
    return .send(Array("HTTP/1.1 \(status) X\r\n\(typeLine)\(more)Content-Length: \(body.count)\r\n\r\n".utf8) + body)
  }
}

/// A worker on a Unix socket, one thread for each connection: it does what the test tells it.
final class FakeWorker: Sendable {
  let path: String
  let seen = Mailbox<SeenRequest>()
  /// Connections that the other side closed.
  let closed = Mailbox<Int>()
  private let door: Int32
  private let connections = Mutex<(all: [Int32], accepted: Int)>(([], 0))

  var accepted: Int { connections.withLock { $0.accepted } }

  init(_ path: String, react: @escaping @Sendable (SeenRequest) -> Reaction) throws {
    self.path = path
    unlink(path)
    door = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    try withUnixAddress(path) { address, size in
      guard bind(door, address, size) == 0, listen(door, 256) == 0 else { throw Overdue(what: "a socket to listen on") }
    }
    Thread.detachNewThread { [self] in
      while true {
        let connection = accept(door, nil, nil)
        guard connection >= 0 else { return }
        connections.withLock {
          $0.all.append(connection)
          $0.accepted += 1
        }
        Thread.detachNewThread { [self] in serve(connection, react) }
      }
    }
  }

  /// As if the process was killed: every connection breaks, and none can be made.
  func kill() {
    unlink(path)
    shutdown(door, Int32(SHUT_RDWR))
    connections.withLock { for connection in $0.all { shutdown(connection, Int32(SHUT_RDWR)) } }
  }

  private func serve(_ connection: Int32, _ react: (SeenRequest) -> Reaction) {
    let stream = RawStream(connection)
    serving: while let request = stream.nextMessage() {
      let seen = SeenRequest(head: request.head, body: request.body)
      self.seen.send(seen)
      switch react(seen) {
      case .send(let bytes): guard stream.send(bytes) else { break serving }
      case .sendAndClose(let bytes):
        _ = stream.send(bytes)
        shutdown(connection, Int32(SHUT_RDWR))
        break serving
      case .sendAndHang(let bytes):
        guard stream.send(bytes) else { break serving }
        _ = stream.readSome()
      case .hang: _ = stream.readSome()
      }
    }
    closed.send(Int(connection))
  }
}

func withUnixAddress<Answer>(_ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) throws -> Answer) rethrows
  -> Answer
{
  var address = sockaddr_un()
  address.sun_family = sa_family_t(AF_UNIX)
  withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(path.utf8).prefix(100)) }
  return try withUnsafePointer(to: &address) {
    try $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
      try body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
    }
  }
}

/// Blocking reads and writes of HTTP messages on a socket, for both sides of a test. Reads give up after 20 s.
final class RawStream {
  let descriptor: Int32
  private var buffer: [UInt8] = []

  init(_ descriptor: Int32) {
    self.descriptor = descriptor
    var limit = timeval(tv_sec: 20, tv_usec: 0)
    setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
  }

  deinit { Glibc.close(descriptor) }

  func send(_ bytes: [UInt8]) -> Bool {
    var done = 0
    while done < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(descriptor, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else { return false }
      done += count
    }
    return true
  }

  /// False: the other side closed, or nothing came.
  func readSome() -> Bool {
    var piece = [UInt8](repeating: 0, count: 1 << 16)
    let count = recv(descriptor, &piece, piece.count, 0)
    guard count > 0 else { return false }
    buffer += piece[..<count]
    return true
  }

  /// The next head with a body of Content-Length, of chunks, or none; nil at the end.
  func nextMessage() -> (head: String, body: [UInt8])? {
    guard let head = nextHead() else { return nil }
    if head.lowercased().contains("transfer-encoding: chunked") { return chunks().map { (head, $0) } }
    let length = head.lowercased().firstMatch(of: /content-length: *(\d+)/).flatMap { Int($0.1) } ?? 0
    guard fill(length) else { return nil }
    defer { buffer.removeFirst(length) }
    return (head, Array(buffer[..<length]))
  }

  func nextHead() -> String? {
    let mark = Array("\r\n\r\n".utf8)
    var end: Int?
    while end == nil {
      end = buffer.firstRange(of: mark)?.upperBound
      if end == nil, !readSome() { return nil }
    }
    guard let end else { return nil }
    defer { buffer.removeFirst(end) }
    return String(decoding: buffer[..<end], as: UTF8.self)
  }

  private func fill(_ count: Int) -> Bool {
    while buffer.count < count { if !readSome() { return false } }
    return true
  }

  private func chunks() -> [UInt8]? {
    var body: [UInt8] = []
    while let chunk = nextChunk() {
      if chunk.isEmpty { return body }
      body += chunk
    }
    return nil
  }

  /// The next chunk of a chunked body; empty at its end.
  func nextChunk() -> [UInt8]? {
    while buffer.firstRange(of: [13, 10]) == nil { if !readSome() { return nil } }
    guard let line = buffer.firstRange(of: [13, 10]) else { return nil }
    let size = Int(String(decoding: buffer[..<line.lowerBound], as: UTF8.self), radix: 16) ?? 0
    buffer.removeFirst(line.upperBound)
    guard fill(size + 2) else { return nil }
    defer { buffer.removeFirst(size + 2) }
    return Array(buffer[..<size])
  }
}
