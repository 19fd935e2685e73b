import NIOCore
import Synchronization

/// Tells requests that their client has gone away.
final class Disconnections: Sendable {
  private let watchers = Mutex<[ObjectIdentifier: @Sendable () -> Void]>([:])

  /// Calls back when the connection's other end is closed, also when that has happened already. A connection has one
  /// request at a time, hence one watcher.
  func watch(_ channel: any Channel, _ gone: @escaping @Sendable () -> Void) {
    watchers.withLock { $0[ObjectIdentifier(channel)] = gone }
    if !channel.isActive { gone() }
  }

  func unwatch(_ channel: any Channel) { watchers.withLock { $0[ObjectIdentifier(channel)] = nil } }

  fileprivate func announce(_ channel: any Channel) {
    let gone = watchers.withLock { $0[ObjectIdentifier(channel)] }
    gone?()
  }
}

/// Notices that a client is gone while its request is being worked on. A client that closes only its sending side is
/// not told from one that is gone (the kernel does not tell them apart on TCP), so its connection is closed as well.
final class DisconnectionWatch: ChannelInboundHandler, RemovableChannelHandler, Sendable {
  typealias InboundIn = Any
  typealias InboundOut = Any

  private let disconnections: Disconnections

  init(_ disconnections: Disconnections) { self.disconnections = disconnections }

  func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if case .inputClosed? = event as? ChannelEvent { context.close(promise: nil) }
    context.fireUserInboundEventTriggered(event)
  }

  func channelInactive(context: ChannelHandlerContext) {
    disconnections.announce(context.channel)
    context.fireChannelInactive()
  }
}
