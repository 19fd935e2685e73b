import HTTPTypes
import Hummingbird
import HummingbirdCore
import Logging
import NIOCore
import NIOHTTPTypes
import Serving

/// A connection of the daemon: in front of Hummingbird's HTTP pipeline stands the data plane's splitter, which answers
/// invocations itself and lets everything else through.
struct SplitChannel: ServerChildChannel {
  typealias Value = HTTP1Channel.Value

  let inner: HTTP1Channel
  let router: InvocationRouter
  let door: InvocationDoor

  func setup(channel: any Channel, logger: Logger) -> EventLoopFuture<Value> {
    channel.eventLoop.makeCompletedFuture {
      try channel.pipeline.syncOperations.addHandler(RequestSplitter(router: router, door: door))
    }.flatMap { inner.setup(channel: channel, logger: logger) }
  }

  func handle(value: Value, logger: Logger) async { await inner.handle(value: value, logger: logger) }
}

/// Tells the splitter that an answer of Hummingbird's is complete.
final class AnswerEndWatch: ChannelOutboundHandler, RemovableChannelHandler, Sendable {
  typealias OutboundIn = HTTPResponsePart
  typealias OutboundOut = HTTPResponsePart

  func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
    context.write(data, promise: promise)
    if case .end = unwrapOutboundIn(data) { context.triggerUserOutboundEvent(ControlAnswerEnded(), promise: nil) }
  }
}
