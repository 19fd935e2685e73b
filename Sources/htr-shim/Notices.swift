import CHost
import Glibc
import HostKit
import JSONKit
import WorkerContract

/// Tells the daemon, should it listen.
struct Notices {
  private let token: String
  private let address: String
  private let socket: Int32

  init(_ spec: LaunchSpec) {
    token = spec.token
    address = spec.noticeSocket
    socket = Glibc.socket(AF_UNIX, Int32(SOCK_DGRAM.rawValue | SOCK_CLOEXEC.rawValue), 0)
  }

  /// A notice that nobody hears is lost by design: the folder's records tell the same.
  func send(_ event: ShimNotice.Event) {
    let bytes = ShimNotice(token: token, event: event).json.bytes
    _ = htr_notify(socket, address, bytes, bytes.count)
  }
}
