import HostKit
public import NIOCore
import Signing

/// Tells the splitter that the inner pipeline has written the whole answer to one request. Triggered as a user outbound
/// event by a handler behind the splitter, right after it passed the answer's end on.
public struct ControlAnswerEnded: Sendable {
  public init() {}
}

/// Tells the splitter that the inner pipeline wants the body of the request that it has in hand: a client that waits for
/// `100 Continue` gets it. One that is answered without it is let go, for it may or may not send the body still.
/// Triggered as a user outbound event.
public struct BodyWanted: Sendable {
  public init() {}
}

/// The first handler of every connection. It answers requests below `/endpoints/` itself, through the router, and passes
/// all others on inward, byte for byte. Answers come in the order of the requests, of whichever kind they are.
///
/// What is behind it must trigger `ControlAnswerEnded` after each of its answers, and close when the client's side is
/// closed or on `ChannelShouldQuiesceEvent`; it needs no idle time-out. Both events reach it only while no request of the
/// data plane is in hand. A client that closes its side while its request is in hand has gone away: the request ends.
public final class RequestSplitter: ChannelDuplexHandler, InvocationClient {
  public typealias InboundIn = ByteBuffer
  public typealias InboundOut = ByteBuffer
  public typealias OutboundIn = ByteBuffer
  public typealias OutboundOut = ByteBuffer

  enum Phase {
    /// Between requests, or within a head.
    case head
    /// Within the body of a request for the inner pipeline.
    case passing
    /// Within the body of a request of ours.
    case body
    /// Within the body of a request that was refused already.
    case discarding
    /// A request of ours is in hand.
    case answering
    /// The last answer was given: what still comes is dropped.
    case leaving
  }

  /// Bytes of later requests that are read while one is in hand.
  private static let readAhead = 64 << 10
  static let lingerSeconds: Int64 = 2

  let router: InvocationRouter
  var keeper: DoorKeeper
  var random: SeededRandom
  var phase = Phase.head
  var context: ChannelHandlerContext?
  var alarm: Alarm?
  var pending = ByteBuffer()
  var reader = BodyReader(.none)
  /// The request of ours that is being read or answered.
  var current: CurrentRequest?
  var invocation: Invocation?
  var isQuiescing = false
  private var scanner = HeadScanner()
  /// A head of ours that waits for the inner pipeline's answers.
  private var waitingHead: ClientHead?
  private var controlAnswersDue = 0
  /// The client of the inner pipeline's last request waits to be asked for its body.
  private var isContinueDue = false
  private var arrived = NIODeadline.now()
  private var isProcessing = false
  private var hasFiredInward = false
  private var isReadHeld = false
  private var connections: WorkerConnections?
  private var isQuiesceHeld = false

  public init(router: InvocationRouter, door: InvocationDoor) {
    self.router = router
    keeper = DoorKeeper(door)
    var generator = SystemRandomNumberGenerator()
    random = SeededRandom(seed: generator.next())
  }

  /// The connection's own loop, on which everything happens.
  var loop: any EventLoop {
    guard let context else { preconditionFailure("asked for by a request of a connection that is there no more") }
    return context.eventLoop
  }

  var times: RouterSettings.ClientTimes { router.settings.clientTimes }
}

// MARK: What the channel tells

extension RequestSplitter {
  public func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    connections = router.connections(on: context.eventLoop)
    alarm = Alarm(on: context.eventLoop) { [weak self] in self?.timeIsOver() }
    setAlarm()
  }

  public func handlerRemoved(context: ChannelHandlerContext) { end() }

  public func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    guard phase != .leaving else { return }
    if pending.readableBytes == 0 {
      pending = buffer
      if phase == .head { arrived = .now() }
    } else {
      pending.writeBuffer(&buffer)
    }
    process()
  }

  public func channelReadComplete(context: ChannelHandlerContext) {
    guard hasFiredInward else { return }
    hasFiredInward = false
    context.fireChannelReadComplete()
  }

  public func read(context: ChannelHandlerContext) {
    let isBusy = phase == .answering || waitingHead != nil
    if isBusy, pending.readableBytes > Self.readAhead { isReadHeld = true } else { context.read() }
  }

  public func channelWritabilityChanged(context: ChannelHandlerContext) {
    if context.channel.isWritable {
      if phase == .answering, invocation?.answer.isStreaming == true { alarm?.unset() }
      invocation?.clientCanTakeMore()
      process()
    }
    context.fireChannelWritabilityChanged()
  }

  public func triggerUserOutboundEvent(
    context: ChannelHandlerContext, event: Any, promise: EventLoopPromise<Void>?
  ) {
    switch event {
    case is BodyWanted: wantBody(context)
    case is ControlAnswerEnded:
      controlAnswersDue = max(0, controlAnswersDue - 1)
      if isContinueDue, controlAnswersDue == 0 { leave(lingering: true) } else { process() }
    default: return context.triggerUserOutboundEvent(event, promise: promise)
    }
    promise?.succeed(())
  }

  public func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
    if event is ChannelShouldQuiesceEvent {
      isQuiescing = true
      if current != nil {
        isQuiesceHeld = true
        current?.closes = true
        return
      }
    } else if case ChannelEvent.inputClosed? = event as? ChannelEvent {
      switch phase {
      case .answering, .body, .discarding, .leaving: return context.close(promise: nil)
      case .head, .passing: break
      }
    }
    context.fireUserInboundEventTriggered(event)
  }

  public func channelInactive(context: ChannelHandlerContext) {
    end()
    context.fireChannelInactive()
  }

  private func end() {
    guard context != nil else { return }
    phase = .leaving
    invocation?.clientLeft()
    invocation = nil
    dropCurrent()
    alarm?.stop()
    context = nil
  }
}

// MARK: Reading requests

extension RequestSplitter {
  /// Goes on with the bytes that are there, as far as they and the requests in hand allow.
  func process() {
    guard !isProcessing else { return }
    isProcessing = true
    while context != nil, advance() {}
    isProcessing = false
    // An empty buffer that is kept would keep the channel from reading into it again.
    if pending.readableBytes == 0 { pending = ByteBuffer() }
    setAlarm()
    if isReadHeld, let context {
      isReadHeld = false
      read(context: context)
    }
  }

  /// True when it makes sense to go on.
  private func advance() -> Bool {
    switch phase {
    case .head: readHead()
    case .passing: passBody()
    case .body: readBody()
    case .discarding: discardBody()
    case .answering, .leaving: false
    }
  }

  private func readHead() -> Bool {
    guard let context else { return false }
    if let head = waitingHead {
      guard controlAnswersDue == 0 else { return false }
      waitingHead = nil
      begin(head)
      return true
    }
    guard pending.readableBytes > 0, context.channel.isWritable else { return false }
    do throws(HeadFault) {
      guard let length = try scanner.scan(pending), let bytes = pending.readSlice(length: length) else { return false }
      let head = try ClientHead(bytes, lineEnds: scanner.lineEnds)
      scanner.reset()
      if head.isForEndpoints {
        waitingHead = head
      } else {
        controlAnswersDue += 1
        isContinueDue = head.expectsContinue && head.framing != .none
        reader = BodyReader(head.framing)
        phase = .passing
        pass(bytes)
      }
      return true
    } catch {
      refuseConnection(Failure(error))
      return false
    }
  }

  private func passBody() -> Bool {
    // What was read is no longer readable in `pending`: the bytes are taken from a second view of them.
    var unread = pending
    do throws(HeadFault) { while try reader.next(from: &pending) != nil {} } catch {
      refuseConnection(Failure(error))
      return false
    }
    if reader.isComplete { phase = .head }
    let count = unread.readableBytes - pending.readableBytes
    // A client need not wait.
    if count > 0 { isContinueDue = false }
    if count > 0, let bytes = unread.readSlice(length: count) { pass(bytes) }
    arrived = .now()
    return phase == .head
  }

  private func wantBody(_ context: ChannelHandlerContext) {
    guard isContinueDue else { return }
    isContinueDue = false
    if controlAnswersDue == 1 { writeContinue(context) }
  }

  private func pass(_ bytes: ByteBuffer) {
    hasFiredInward = true
    context?.fireChannelRead(wrapInboundOut(bytes))
  }

  private func readBody() -> Bool {
    do throws(HeadFault) {
      while phase == .body, let piece = try reader.next(from: &pending) { take(piece) }
    } catch {
      refuseConnection(Failure(error))
      return false
    }
    guard phase == .body, reader.isComplete else { return phase == .discarding }
    startInvocation()
    return true
  }

  private func discardBody() -> Bool {
    do throws(HeadFault) { while try reader.next(from: &pending) != nil {} } catch {
      leave(lingering: true)
      return false
    }
    guard reader.isComplete else { return false }
    phase = .head
    arrived = .now()
    return true
  }

  private func startInvocation() {
    guard let current, let call = current.call, let connections else { return }
    if let failure = keeper.refusal(of: current.head, digest: current.digest) { return refuse(failure) }
    phase = .answering
    alarm?.unset()
    let request = InvocationRequest(
      endpoint: call.endpoint, isStreamed: call.isStreamed, target: current.head.value(.targetVariant),
      head: current.head, body: current.body, id: current.id, arrived: current.arrived)
    let invocation = Invocation(request, of: self, router: router, connections: connections)
    self.invocation = invocation
    invocation.start()
  }

  /// The request of ours is over, its answer written.
  func endRequest() {
    let closes = current?.closes ?? true
    invocation = nil
    dropCurrent()
    if closes {
      leave(lingering: false)
    } else {
      phase = .head
      arrived = .now()
      process()
    }
    if isQuiesceHeld {
      isQuiesceHeld = false
      context?.fireUserInboundEventTriggered(ChannelShouldQuiesceEvent())
    }
  }

  private func begin(_ head: ClientHead) {
    current = CurrentRequest(
      head: head, id: RequestID(&random), arrived: arrived, closes: !head.keepsAlive || isQuiescing,
      isDigested: keeper.readsBodies)
    reader = BodyReader(head.framing)
    phase = .body
    admit(head)
  }
}

// MARK: Time-outs

extension RequestSplitter {
  /// Sets the time-out that fits what is going on. Requests in hand have their own.
  private func setAlarm() {
    switch phase {
    case .head where pending.readableBytes > 0 && waitingHead == nil: alarm?.set(arrived + .seconds(times.head))
    case .head where controlAnswersDue > 0: alarm?.unset()
    case .head, .passing: alarm?.set(.now() + .seconds(times.idle))
    case .body, .discarding: alarm?.set((current?.arrived ?? arrived) + .seconds(times.body))
    case .answering, .leaving: break
    }
  }

  private func timeIsOver() {
    switch phase {
    case .answering:
      if invocation?.answer.isStreaming == true { abort() } else { invocation?.waitedTooLong() }
    case .body: refuseConnection(.slowBody)
    case .head where pending.readableBytes > 0:
      refuseConnection(
        Failure(status: 408, code: "RequestTimeoutException", message: "The request's head did not arrive in time."))
    case .head, .passing, .discarding, .leaving: abort()
    }
  }
}

extension TimeAmount {
  static func seconds(_ seconds: Double) -> TimeAmount { .nanoseconds(Int64(seconds * 1e9)) }
}
