import NIOCore

/// Takes a worker's answer as it comes. All calls are on the connection's event loop.
protocol AnswerListener: AnyObject {
  func answerBegan(_ head: WorkerHead)
  func answerContinued(_ piece: ByteBuffer)
  /// All that has arrived so far was told.
  func answerPaused()
  /// The answer is complete; the connection is somebody else's now.
  func answerEnded()
  /// There will be no (more) answer; the connection is gone.
  func answerBroke(_ fault: WorkerFault)
}

/// Why a worker's answer did not come to its end.
struct WorkerFault: Error {
  enum Kind { case broken, malformed, timedOut }

  let kind: Kind
  let reason: String
  /// Whether anything of the answer had come.
  let hadBytes: Bool
  /// Whether the connection had served before: it may have been dead when the request was written to it.
  let wasReused: Bool
}

/// One kept-alive connection to a worker: one request at a time.
final class WorkerConnection: ChannelDuplexHandler {
  typealias InboundIn = ByteBuffer
  typealias OutboundIn = ByteBuffer
  typealias OutboundOut = ByteBuffer

  static let idleSeconds: Int64 = 30

  let socket: WorkerSocket
  /// Where it goes when it is idle; nil: it is used once.
  private weak var home: WorkerConnections?
  private var context: ChannelHandlerContext?
  private var alarm: Alarm?
  private var listener: (any AnswerListener)?
  private var scanner = HeadScanner()
  private var pending = ByteBuffer()
  private var body: BodyReader?
  private var keepsAlive = true
  private var served = 0
  private var hadBytes = false
  private var isPaused = false
  private var heldRead = false
  private var seconds = 0.0

  init(socket: WorkerSocket, home: WorkerConnections?) {
    self.socket = socket
    self.home = home
  }

  var isOpen: Bool { context != nil }

  /// Sends a request; its answer must be complete within so many seconds, not counting pauses.
  func send(_ request: HeldRequest, to listener: any AnswerListener, within seconds: Double) {
    guard let context else {
      listener.answerBroke(WorkerFault(kind: .broken, reason: "closed", hadBytes: false, wasReused: true))
      return
    }
    self.listener = listener
    self.seconds = seconds
    hadBytes = false
    keepsAlive = true
    alarm?.set(.now() + .nanoseconds(Int64(seconds * 1e9)))
    context.write(wrapOutboundOut(request.head), promise: nil)
    for piece in request.body { context.write(wrapOutboundOut(piece), promise: nil) }
    context.flush()
  }

  /// Nobody wants the answer any more: the worker is told by the closed connection.
  func abandon() {
    listener = nil
    close()
  }

  func close() { context?.close(promise: nil) }

  /// Stops reading, and with it the worker, until `resume`.
  func pause() {
    isPaused = true
    alarm?.unset()
  }

  func resume() {
    guard isPaused else { return }
    isPaused = false
    alarm?.set(.now() + .nanoseconds(Int64(seconds * 1e9)))
    if heldRead {
      heldRead = false
      context?.read()
    }
  }
}

// MARK: What the channel tells

extension WorkerConnection {
  func handlerAdded(context: ChannelHandlerContext) {
    self.context = context
    alarm = Alarm(on: context.eventLoop) { [weak self] in self?.timeIsOver() }
  }

  func handlerRemoved(context: ChannelHandlerContext) { end("the connection was closed") }

  func read(context: ChannelHandlerContext) {
    if isPaused { heldRead = true } else { context.read() }
  }

  func channelRead(context: ChannelHandlerContext, data: NIOAny) {
    var buffer = unwrapInboundIn(data)
    guard listener != nil else {
      // Bytes that nobody asked for: what follows could not be trusted to be an answer.
      close()
      return
    }
    hadBytes = true
    do throws(HeadFault) {
      if body == nil { try readHead(&buffer) }
      if body != nil { try readBody(&buffer) }
    } catch {
      breakOff(.malformed, "its answer cannot be read: \(error.message)")
    }
  }

  func channelReadComplete(context: ChannelHandlerContext) { listener?.answerPaused() }

  func channelInactive(context: ChannelHandlerContext) {
    if body?.endsWithConnection == true {
      keepsAlive = false
      complete()
    }
    end("it closed the connection")
  }

  func errorCaught(context: ChannelHandlerContext, error: any Error) {
    end("the connection broke: \(error)")
    context.close(promise: nil)
  }
}

// MARK: Reading an answer

extension WorkerConnection {
  /// Reads heads up to the one that counts: what begins with 1 is news of an answer to come.
  private func readHead(_ buffer: inout ByteBuffer) throws(HeadFault) {
    if pending.readableBytes == 0 { pending = buffer } else { pending.writeBuffer(&buffer) }
    buffer.clear()
    while let length = try scanner.scan(pending), let bytes = pending.readSlice(length: length) {
      let head = try WorkerHead(bytes, lineEnds: scanner.lineEnds)
      scanner.reset()
      guard head.status != 101 else { throw HeadFault("It wants to switch protocols.") }
      if head.status < 200 { continue }
      keepsAlive = head.keepsAlive && head.framing != .untilClose
      body = BodyReader(head.framing)
      buffer = pending
      pending = ByteBuffer()
      listener?.answerBegan(head)
      return
    }
  }

  private func readBody(_ buffer: inout ByteBuffer) throws(HeadFault) {
    while listener != nil, let piece = try body?.next(from: &buffer) { listener?.answerContinued(piece) }
    guard listener != nil, body?.isComplete == true else { return }
    if buffer.readableBytes > 0 { keepsAlive = false }
    complete()
  }

  private func complete() {
    let ended = listener
    listener = nil
    body = nil
    served += 1
    isPaused = false
    alarm?.unset()
    if keepsAlive, let home, context != nil {
      alarm?.set(.now() + .seconds(Self.idleSeconds))
      home.park(self)
    } else {
      close()
    }
    ended?.answerEnded()
    if heldRead, !isPaused {
      heldRead = false
      context?.read()
    }
  }

  private func timeIsOver() {
    guard listener != nil else { return close() }
    breakOff(.timedOut, "it did not answer within \(seconds) s")
  }

  private func breakOff(_ kind: WorkerFault.Kind, _ reason: String) {
    let broken = listener
    listener = nil
    close()
    broken?.answerBroke(WorkerFault(kind: kind, reason: reason, hadBytes: hadBytes, wasReused: served > 0))
  }

  private func end(_ reason: String) {
    guard context != nil else { return }
    context = nil
    alarm?.stop()
    home?.forget(self)
    if listener != nil { breakOff(.broken, reason) }
  }
}
