import HostKit
import NIOCore

/// An invocation of an endpoint that the daemon makes itself, for somebody who does not wait for it.
public struct OwnInvocation: Sendable {
  public var endpoint: String
  /// None of these may hold line breaks.
  public var contentType: String?
  public var accept: String?
  public var customAttributes: String?
  public var body: [UInt8]
  /// For the worker, in the place of the variant's own.
  public var timeoutSeconds: Double
  public var largestAnswer: Int

  public init(
    endpoint: String, contentType: String?, accept: String?, customAttributes: String?, body: [UInt8],
    timeoutSeconds: Double, largestAnswer: Int
  ) {
    self.endpoint = endpoint
    self.contentType = contentType
    self.accept = accept
    self.customAttributes = customAttributes
    self.body = body
    self.timeoutSeconds = timeoutSeconds
    self.largestAnswer = largestAnswer
  }
}

/// What became of it.
public enum OwnAnswer: Sendable {
  case answered(contentType: String?, body: [UInt8])
  /// As a client would have been told.
  case failed(status: Int, message: String)
  case tooLarge(limit: Int)
  /// The task was cancelled.
  case abandoned
}

extension InvocationRouter {
  /// Invokes an endpoint as a client would: in line with all others, by the variants' weights, with the same retries and
  /// counted the same way.
  public func invoke(_ invocation: OwnInvocation) async -> OwnAnswer {
    let loop = anyLoop()
    let running = RunningWork<OwnCaller>()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.execute { [self] in
          let caller = OwnCaller(invocation, router: self, loop: loop) { continuation.resume(returning: $0) }
          running.begin(NIOLoopBound(caller, eventLoop: loop))
        }
      }
    } onCancel: {
      loop.execute { running.cancel() }
    }
  }
}

/// The client of such an invocation. It lives on one event loop, and until it has told what became of it.
final class OwnCaller: InvocationClient, LoopWork {
  let loop: any EventLoop
  var random: SeededRandom
  private let wanted: OwnInvocation
  private let router: InvocationRouter
  private var tell: ((OwnAnswer) -> Void)?
  private var invocation: Invocation?
  private var wakeUp: Scheduled<Void>?
  private var body: [UInt8] = []

  /// - Parameter tell: called once, on the loop.
  init(
    _ wanted: OwnInvocation, router: InvocationRouter, loop: any EventLoop, tell: @escaping (OwnAnswer) -> Void
  ) {
    self.wanted = wanted
    self.router = router
    self.loop = loop
    self.tell = tell
    var generator = SystemRandomNumberGenerator()
    random = SeededRandom(seed: generator.next())
  }

  func start() {
    let head: ClientHead
    do throws(HeadFault) { head = try self.head() } catch {
      return finish(.failed(status: error.status, message: error.message))
    }
    var body = HeldBody()
    body.hold(ByteBuffer(bytes: wanted.body))
    let request = InvocationRequest(
      endpoint: wanted.endpoint, timeoutSeconds: wanted.timeoutSeconds, target: nil, head: head, body: body,
      id: RequestID(&random), arrived: .now())
    let invocation = Invocation(request, of: self, router: router, connections: router.connections(on: loop))
    self.invocation = invocation
    invocation.start()
  }

  func abandon() {
    invocation?.clientLeft()
    finish(.abandoned)
  }

  private func head() throws(HeadFault) -> ClientHead {
    var bytes = ByteBuffer(string: "POST /invocations HTTP/1.1\r\n")
    let fields = [
      ("content-type", wanted.contentType), ("accept", wanted.accept),
      ("x-amzn-sagemaker-custom-attributes", wanted.customAttributes),
    ]
    for (name, value) in fields { if let value { bytes.writeString("\(name): \(value)\r\n") } }
    bytes.writeString("\r\n")
    var scanner = HeadScanner()
    guard try scanner.scan(bytes) == bytes.readableBytes else {
      throw HeadFault("The request's fields make no head.")
    }
    return try ClientHead(bytes, lineEnds: scanner.lineEnds)
  }

  private func finish(_ answer: OwnAnswer) {
    keepAwake()
    invocation = nil
    tell?(answer)
    tell = nil
  }

  private var isFinished: Bool { tell == nil }

  // MARK: What the invocation tells

  func answer(_ failure: Failure, to id: RequestID, variant: String?) {
    finish(.failed(status: failure.status, message: failure.message))
  }

  func sendWholeAnswer(of invocation: Invocation) {
    for piece in invocation.answer.body.pieces { take(piece, of: invocation) }
    endStreamedAnswer(of: invocation)
  }

  func beginAnswer(of invocation: Invocation) {
    for piece in invocation.answer.beginStreaming() { take(piece, of: invocation) }
  }

  func continueAnswer(with piece: ByteBuffer, of invocation: Invocation) { take(piece, of: invocation) }

  private func take(_ piece: ByteBuffer, of invocation: Invocation) {
    guard !isFinished else { return }
    guard body.count + piece.readableBytes <= wanted.largestAnswer else {
      invocation.clientLeft()
      return finish(.tooLarge(limit: wanted.largestAnswer))
    }
    body += piece.readableBytesView
  }

  func endStreamedAnswer(of invocation: Invocation) {
    let contentType = invocation.answer.contentType.map { String(decoding: $0, as: UTF8.self) }
    finish(.answered(contentType: contentType, body: body))
  }

  func breakAnswer(of invocation: Invocation, because fault: WorkerFault) {
    finish(.failed(status: 424, message: "The instance began to answer, but \(fault.reason)."))
  }

  func flushAndCanTakeMore() -> Bool { true }

  func wakeUp(at time: NIODeadline) {
    wakeUp?.cancel()
    wakeUp = loop.assumeIsolated().scheduleTask(deadline: time) { [weak self] in self?.invocation?.waitedTooLong() }
  }

  func keepAwake() {
    wakeUp?.cancel()
    wakeUp = nil
  }
}
