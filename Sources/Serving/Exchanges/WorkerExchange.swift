import NIOCore

/// One request to one worker, made by the daemon itself: no client waits for it, and whoever sends it chose the worker.
///
/// It lives on one event loop. In a serial pipeline each stage gets the answer of the one before.
final class WorkerExchange: AnswerListener, LoopWork {
  private let request: WorkerRequest
  private let worker: ReadyWorker
  private let deadline: NIODeadline
  private let largestAnswer: Int
  private let connections: WorkerConnections
  private var tell: ((WorkerAnswer) -> Void)?
  private var connection: WorkerConnection?
  private var stage = 0
  private var body: [ByteBuffer]
  private var contentType: String?
  private var hasUsedFreePass = false
  private var head: WorkerHead?
  private var answer: [UInt8] = []

  /// - Parameter tell: called once, on the loop.
  init(
    _ request: WorkerRequest, with worker: ReadyWorker, seconds: Double, largestAnswer: Int,
    over connections: WorkerConnections, tell: @escaping (WorkerAnswer) -> Void
  ) {
    self.request = request
    self.worker = worker
    self.largestAnswer = largestAnswer
    self.connections = connections
    self.tell = tell
    deadline = .now() + .nanoseconds(Int64(seconds * 1e9))
    body = [ByteBuffer(bytes: request.body)]
    contentType = request.contentType
  }

  func start() { connect(fresh: false) }

  /// Nobody wants the answer any more.
  func abandon() { finish(.broken("it was given up")) }

  private func connect(fresh: Bool) {
    let socket = worker.stages[stage]
    if !fresh, let connection = connections.take(socket) { return send(over: connection) }
    connections.connect(to: socket) { [self] result in
      switch result {
      case .failure(let error): finish(.unreachable("no connection to \(socket): \(error)"))
      case .success(let connection):
        // Given up meanwhile; the connection can serve somebody else.
        guard tell != nil else { return connections.park(connection) }
        send(over: connection)
      }
    }
  }

  private func send(over connection: WorkerConnection) {
    self.connection = connection
    head = nil
    answer = []
    connection.send(
      HeldRequest(head: requestHead(), body: body), to: self, within: max(0.001, (deadline - .now()).seconds))
  }

  private func requestHead() -> ByteBuffer {
    var buffer = ByteBufferAllocator().buffer(capacity: 256)
    buffer.writeStaticString("POST /invocations HTTP/1.1\r\nhost: localhost\r\n")
    if let contentType { buffer.writeField("content-type: ", contentType.utf8) }
    if stage == worker.stages.count - 1, let accept = request.accept { buffer.writeField("accept: ", accept.utf8) }
    buffer.writeStaticString("content-length: ")
    buffer.writeDecimal(body.reduce(0) { $0 + $1.readableBytes })
    buffer.writeStaticString("\r\n\r\n")
    return buffer
  }

  private func finish(_ answer: WorkerAnswer) {
    tell?(answer)
    tell = nil
    connection?.abandon()
    connection = nil
  }

  // MARK: What the connection tells

  func answerBegan(_ head: WorkerHead) { self.head = head }

  func answerContinued(_ piece: ByteBuffer) {
    guard answer.count + piece.readableBytes <= largestAnswer else { return finish(.tooLarge(limit: largestAnswer)) }
    answer.append(contentsOf: piece.readableBytesView)
  }

  func answerPaused() {}

  func answerEnded() {
    connection = nil
    guard let head else { return finish(.broken("its answer has no head")) }
    let kind = head.contentType.map { String(decoding: head.slice($0), as: UTF8.self) }
    guard (200..<300).contains(head.status), stage < worker.stages.count - 1 else {
      return finish(.answered(status: head.status, contentType: kind, body: answer))
    }
    body = [ByteBuffer(bytes: answer)]
    contentType = kind
    stage += 1
    connect(fresh: false)
  }

  func answerBroke(_ fault: WorkerFault) {
    connection = nil
    switch fault.kind {
    case .broken where fault.wasReused && !fault.hadBytes && !hasUsedFreePass:
      // It was dead, or died of the request: only a fresh connection can tell.
      hasUsedFreePass = true
      connections.closeIdle(worker.stages[stage])
      connect(fresh: true)
    case .broken: finish(.broken(fault.reason))
    case .malformed: finish(.malformed(fault.reason))
    case .timedOut: finish(.timedOut)
    }
  }
}
