import Glibc
import HostKit
import TestKit

/// One HTTP request over a Unix socket: all that a test asks of a worker that serves.
enum UnixSocketHTTP {
  struct Reply: Sendable {
    let status: Int
    let body: [UInt8]
    var text: String { String(decoding: body, as: UTF8.self) }
  }

  /// Throws when nobody listens, or the answer is none.
  static func request(
    _ method: String, _ path: String, at socketPath: String, headers: [String: String] = [:], body: [UInt8] = []
  ) throws -> Reply {
    let socket = try connected(to: socketPath)
    var lines = ["\(method) \(path) HTTP/1.1", "Host: localhost", "Connection: close", "Content-Length: \(body.count)"]
    lines += headers.map { "\($0.key): \($0.value)" }
    try socket.write(Array((lines.joined(separator: "\r\n") + "\r\n\r\n").utf8) + body, path: socketPath)
    // With the connection the answer ends.
    let answer = try socket.read(limit: 1 << 20, path: socketPath)
    guard let end = answer.firstRange(of: Array("\r\n\r\n".utf8)),
      let status = Int(String(decoding: answer.dropFirst(9).prefix(3), as: UTF8.self))
    else { throw SystemError("understand the answer of", socketPath, code: EPROTO) }
    return Reply(status: status, body: Array(answer[end.upperBound...]))
  }

  private static func connected(to path: String) throws -> Descriptor {
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    guard path.utf8.count < MemoryLayout.size(ofValue: address.sun_path) else {
      throw SystemError("connect to", path, code: ENAMETOOLONG)
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    let number = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
    guard number >= 0 else { throw SystemError("open a socket for", path) }
    let owned = Descriptor(owning: number)
    let result = withUnsafePointer(to: address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        connect(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
      }
    }
    guard result == 0 else { throw SystemError("connect to", path) }
    return owned
  }
}
