import CHost
import Glibc
import HTTPTypes
import NIOCore
import NIOHTTPTypes
import Serving
import Signing
import Wire

/// Where a connection came in.
enum Door: Sendable {
  /// The command line's socket in HTR_HOME: the kernel tells who is there.
  case unixSocket
  /// The network: requests are signed.
  case tcp(hosts: Set<String>)

  /// How the data plane learns who asks here.
  func forInvocations(_ keys: KeyRing, region: String) -> InvocationDoor {
    switch self {
    case .unixSocket:
      .peer { channel in
        guard let uid = PeerCredentials.uid(of: channel) else {
          throw ServiceError(.accessDenied, "The kernel does not tell who is at the other end of the socket.")
        }
        return try PeerVerifier.verify(peerUID: uid, ownerUID: getuid(), region: region)
      }
    case .tcp(let hosts):
      .signed(hosts: hosts, keys: keys)
    }
  }
}

enum PeerCredentials {
  /// Who is at the other end of a Unix socket, as the kernel says. To be asked on the channel's own event loop, where the
  /// answer is there at once.
  static func uid(of channel: any Channel) -> UInt32? {
    guard let options = channel as? any SocketOptionProvider else { return nil }
    let future: EventLoopFuture<htr_peer> = options.unsafeGetSocketOption(
      level: .socket, name: .init(rawValue: htr_so_peercred()))
    // No answer means no identity: the request will be refused.
    return (try? future.completedValue())?.uid
  }
}

/// Notes on each request of a Unix socket who the kernel says its sender is. Whatever the sender claims is overwritten.
final class PeerCredentialHandler: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = HTTPRequestPart
  typealias InboundOut = HTTPRequestPart

  static let headerName: HTTPField.Name = {
    guard let name = HTTPField.Name("x-htr-peer-uid") else { preconditionFailure("a valid header name") }
    return name
  }()

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    guard case .head(var head) = unwrapInboundIn(data) else {
      context.fireChannelRead(data)
      return
    }
    head.headerFields[fields: Self.headerName] = []
    if let uid = PeerCredentials.uid(of: context.channel) { head.headerFields[Self.headerName] = String(uid) }
    context.fireChannelRead(wrapInboundOut(.head(head)))
  }
}

extension EventLoopFuture where Value: Sendable {
  /// The value of a future that is complete already; throws when it is not.
  fileprivate func completedValue() throws -> Value {
    var result: Result<Value, any Error>?
    assumeIsolated().whenComplete { result = $0 }
    guard let result else { throw ChannelError.operationUnsupported }
    return try result.get()
  }
}
