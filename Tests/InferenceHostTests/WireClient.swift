import Foundation
import Glibc
import JSONKit

/// A connection to a worker, on which a test may say anything.
final class WireClient: Sendable {
  struct Reply: Sendable {
    let status: Int
    let headers: [String: String]
    let body: [UInt8]

    var text: String { String(decoding: body, as: UTF8.self) }
    // A body that is not JSON has nothing to show.
    var json: JSON? { try? JSON(parsing: body) }
    var predictions: [String] { json?["predictions"]?.array?.compactMap { $0["text"]?.string } ?? [] }
    var code: String? { json?["error"]?["code"]?.string }
    var message: String { json?["error"]?["message"]?.string ?? "" }
  }

  struct Lost: Error {}

  private let number: Int32

  init(_ path: String) throws {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    number = try Self.connected(AF_UNIX, to: address)
  }

  /// Over TCP, to the loopback address.
  init(port: Int) throws {
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = UInt16(truncatingIfNeeded: port).bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    number = try Self.connected(AF_INET, to: address)
  }

  private static func connected<Address>(_ family: Int32, to address: Address) throws -> Int32 {
    let number = socket(family, Int32(SOCK_STREAM.rawValue), 0)
    let result = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<Address>.size))
      }
    }
    guard result == 0 else {
      close(number)
      throw Lost()
    }
    return number
  }

  deinit { close(number) }

  /// Ends the connection in both directions, as a client does that dies.
  func hangUp() { shutdown(number, Int32(SHUT_RDWR)) }

  /// A worker that has answered early and closed takes no more: then its reply tells, so that is no error.
  func send(_ bytes: [UInt8]) throws {
    var sent = 0
    while sent < bytes.count {
      let count = bytes.withUnsafeBytes {
        Glibc.send(number, $0.baseAddress.map { $0 + sent }, bytes.count - sent, Int32(MSG_NOSIGNAL))
      }
      guard count > 0 else {
        if errno == EPIPE { return }
        throw Lost()
      }
      sent += count
    }
  }

  /// Waits for one whole reply; the waiting is done on a thread of its own.
  func reply() async throws -> Reply {
    try await withCheckedThrowingContinuation { continuation in
      Thread.detachNewThread { continuation.resume(with: Result { try self.readReply() }) }
    }
  }

  private func readReply() throws -> Reply {
    var bytes: [UInt8] = []
    while true {
      if let reply = Self.parse(bytes) { return reply }
      var buffer = [UInt8](repeating: 0, count: 1 << 16)
      let count = recv(number, &buffer, buffer.count, 0)
      guard count > 0 else { throw Lost() }
      bytes += buffer[..<count]
    }
  }

  private static func parse(_ bytes: [UInt8]) -> Reply? {
    let separator: [UInt8] = [13, 10, 13, 10]
    guard let end = bytes.indices.first(where: { bytes[$0...].starts(with: separator) }) else { return nil }
    let lines = String(decoding: bytes[..<end], as: UTF8.self).components(separatedBy: "\r\n")
    let headers = lines.dropFirst().reduce(into: [String: String]()) { headers, line in
      let parts = line.split(separator: ":", maxSplits: 1)
      headers[parts[0].lowercased()] = parts[1].trimmingCharacters(in: .whitespaces)
    }
    let body = bytes[(end + 4)...]
    let length = Int(headers["content-length"] ?? "0") ?? 0
    guard body.count >= length, let status = Int(lines[0].split(separator: " ")[1]) else { return nil }
    return Reply(status: status, headers: headers, body: Array(body.prefix(length)))
  }
}

/// The bytes of a request.
func requestBytes(
  _ method: String, _ path: String, host: String = "localhost", headers: [String: String] = [:], body: [UInt8]? = nil
) -> [UInt8] {
  var lines = ["\(method) \(path) HTTP/1.1", "Host: \(host)"]
  lines += headers.map { "\($0.key): \($0.value)" }
  if let body { lines.append("Content-Length: \(body.count)") }
  return Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + (body ?? [])
}
