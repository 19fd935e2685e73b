import Glibc
import HostKit
import WorkerContract

/// A Unix socket on which connections are taken.
final class UnixListener: Sendable {
  let number: Int32
  private let path: String

  /// Listens; only this user may connect. A socket that a dead worker has left at the path is replaced.
  init(_ path: String) throws(AlgorithmFailure) {
    self.path = path
    var address = sockaddr_un()
    address.sun_family = sa_family_t(AF_UNIX)
    let room = MemoryLayout.size(ofValue: address.sun_path)
    guard path.utf8.count < room, !path.utf8.contains(0) else {
      throw AlgorithmFailure(
        .badRequest, "The path of a socket may have \(room - 1) bytes: choose a shorter one than \(path)")
    }
    withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
    number = Glibc.socket(AF_UNIX, Int32(SOCK_STREAM.rawValue | SOCK_CLOEXEC.rawValue | SOCK_NONBLOCK.rawValue), 0)
    do {
      guard number >= 0 else { throw SystemError("make", "a socket") }
      if let there = try Files.status(path) {
        guard there.kind == .other else { throw SystemError("listen on", path, code: EEXIST) }
        try Files.remove(path)
      }
      let usual = umask(0o177)
      defer { umask(usual) }
      let isBound = withUnsafePointer(to: &address) {
        $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
          bind(number, $0, socklen_t(MemoryLayout<sockaddr_un>.size)) == 0
        }
      }
      guard isBound, listen(number, 1024) == 0 else { throw SystemError("listen on", path) }
    } catch {
      throw AlgorithmFailure(.badRequest, "The mock server \(error)")
    }
  }

  deinit { if number >= 0 { close(number) } }

  /// Takes the next connection that waits; nil when none does.
  func accept() -> ConnectedSocket? {
    while true {
      let connection = Glibc.accept(number, nil, nil)
      if connection >= 0 { return ConnectedSocket(owning: connection) }
      switch errno {
      case EINTR, ECONNABORTED: continue
      case EAGAIN: return nil
      default:
        // Out of descriptors or memory: one that waits will still be there when somebody has left.
        usleep(10_000)
        return nil
      }
    }
  }

  /// Nobody finds the socket any more; those who have can still be taken. Once only: a next worker may use the path.
  func hide() { unlink(path) }
}
