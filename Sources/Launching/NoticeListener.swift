import CHost
import Dispatch
import Glibc
import HostKit
import JSONKit
import WorkerContract

/// The daemon's ear for `ShimNotice`s.
final class NoticeListener: Sendable {
  /// Notices are far smaller; a longer datagram is none and is cut off.
  private static let longest = 4096

  private let path: String
  private let readiness: Readiness

  /// Binds the socket, in place of a stale one.
  init(
    path: String, queue: DispatchQueue, onNotice: @escaping @Sendable (ShimNotice) -> Void
  ) throws(SystemError) {
    try Files.remove(path)
    let socket = htr_bind_datagram(path)
    guard socket >= 0 else { throw SystemError("listen for shims at", path) }
    chmod(path, 0o600)
    self.path = path
    readiness = Readiness(
      of: socket, queue: queue, onReadable: { Self.receive(from: socket, onNotice) },
      onRelease: { close(socket) })
  }

  private static func receive(from socket: Int32, _ onNotice: (ShimNotice) -> Void) {
    var buffer = [UInt8](repeating: 0, count: longest)
    while true {
      let count = recv(socket, &buffer, buffer.count, Int32(MSG_DONTWAIT))
      if count < 0 { return }
      // What is no notice cannot come from a shim of ours.
      guard let json = try? JSON(parsing: Array(buffer[..<count])),
        let notice = ShimNotice(json: json)
      else { continue }
      onNotice(notice)
    }
  }

  func end() {
    readiness.cancel()
    unlink(path)
  }
}
