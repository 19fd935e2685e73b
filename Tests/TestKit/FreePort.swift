import Glibc
public import HostKit

/// A TCP port of the loopback address that nobody uses. It lies below the range from which the kernel serves outgoing
/// connections, so that nobody takes it while a test restarts its daemon.
public enum FreePort {
  public static func find() throws(SystemError) -> UInt16 {
    for _ in 0..<200 {
      let port = UInt16.random(in: 20_000..<32_000)
      if isFree(port) { return port }
    }
    throw SystemError("find", "a free TCP port", code: EADDRINUSE)
  }

  private static func isFree(_ port: UInt16) -> Bool {
    let socket = Descriptor(owning: Glibc.socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0))
    var address = sockaddr_in()
    address.sin_family = sa_family_t(AF_INET)
    address.sin_port = port.bigEndian
    address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
    return withUnsafePointer(to: &address) {
      $0.withMemoryRebound(to: sockaddr.self, capacity: 1) {
        bind(socket.number, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) == 0
      }
    }
  }
}
