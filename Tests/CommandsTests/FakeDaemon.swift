import Glibc
import Synchronization

@testable import Commands

/// A daemon of answers made up by a test, on a Unix socket in this process.
final class FakeDaemon: Sendable {
  struct Request: Sendable {
    let method: String
    /// Path and query.
    let target: String
    let headers: [String: String]
    let body: [UInt8]
    var action: String? { headers["x-amz-target"]?.split(separator: ".").last.map(String.init) }
  }

  enum Answer: Sendable {
    case json(String)
    case refusal(status: Int, body: String)
    case bytes([UInt8])
    case full(status: Int, headers: [String: String], body: [UInt8])
    /// Part of a longer body, then the connection is lost.
    case cut([UInt8])
    case lost

    /// The bytes on the wire, and whether the connection stays.
    var wire: (bytes: [UInt8], stays: Bool) {
      switch self {
      case .json(let text): (Self.whole(200, Array(text.utf8)), true)
      case .refusal(let status, let body): (Self.whole(status, Array(body.utf8)), true)
      case .bytes(let body): (Self.whole(200, body), true)
      case .full(let status, let headers, let body): (Self.whole(status, body, headers), true)
      case .cut(let part):
        (
          Array("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n".utf8)
            + (part.isEmpty ? [] : Array("\(String(part.count, radix: 16))\r\n".utf8) + part + [13, 10]),
          false
        )
      case .lost: ([], false)
      }
    }

    private static func whole(_ status: Int, _ body: [UInt8], _ headers: [String: String] = [:]) -> [UInt8] {
      let more = headers.map { "\($0.key): \($0.value)\r\n" }.joined()
      let head = "HTTP/1.1 \(status) X\r\nx-amzn-RequestId: r-1\r\nContent-Length: \(body.count)\r\n\(more)\r\n"
      return Array(head.utf8) + body
    }
  }

  let socket: String
  private let listener: Int32
  private let answer: @Sendable (Request) -> Answer
  private let open = Mutex<Set<Int32>>([])
  private let seen = Mutex<(connections: Int, requests: [Request])>((0, []))

  var connections: Int { seen.withLock { $0.connections } }
  var requests: [Request] { seen.withLock { $0.requests } }

  init(_ socket: String, answer: @escaping @Sendable (Request) -> Answer) throws {
    self.socket = socket
    self.answer = answer
    unlink(socket)
    listener = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: Array(socket.utf8)) }
    let bound = withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(listener, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard bound == 0, listen(listener, 16) == 0 else { throw Failure("socket", socket) }
    _ = try SideThread { self.acceptAll() }
  }

  /// Goes away as a killed daemon does: no connection survives.
  func stop() {
    unlink(socket)
    shutdown(listener, Int32(SHUT_RDWR))
    open.withLock { for connection in $0 { shutdown(connection, Int32(SHUT_RDWR)) } }
  }

  private func acceptAll() {
    while true {
      let connection = accept(listener, nil, nil)
      guard connection >= 0 else { break }
      seen.withLock { $0.connections += 1 }
      open.withLock { _ = $0.insert(connection) }
      _ = try? SideThread { self.serve(connection) }
    }
    close(listener)
  }

  private func serve(_ connection: Int32) {
    var received: [UInt8] = []
    while let request = read(connection, &received) {
      seen.withLock { $0.requests.append(request) }
      let (bytes, stays) = answer(request).wire
      _ = bytes.withUnsafeBytes { send(connection, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL)) }
      if !stays { break }
    }
    open.withLock { _ = $0.remove(connection) }
    close(connection)
  }

  private func read(_ connection: Int32, _ received: inout [UInt8]) -> Request? {
    var buffer = [UInt8](repeating: 0, count: 65536)
    while true {
      if let (request, used) = Self.parse(received) {
        received.removeFirst(used)
        return request
      }
      let count = recv(connection, &buffer, buffer.count, 0)
      guard count > 0 else { return nil }
      received += buffer[..<count]
    }
  }

  private static func parse(_ bytes: [UInt8]) -> (Request, Int)? {
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: [13, 10, 13, 10]) })
    else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).split(separator: "\r\n")
    let start = lines[0].split(separator: " ")
    var headers: [String: String] = [:]
    for line in lines.dropFirst() {
      let pair = line.split(separator: ":", maxSplits: 1)
      headers[pair[0].lowercased()] = pair.count > 1 ? String(pair[1].drop { $0 == " " }) : ""
    }
    let length = headers["content-length"].flatMap { Int($0) } ?? 0
    guard bytes.count >= end + 4 + length else { return nil }
    let body = Array(bytes[(end + 4)..<(end + 4 + length)])
    return (
      Request(method: String(start[0]), target: String(start[1]), headers: headers, body: body),
      end + 4 + length
    )
  }
}
