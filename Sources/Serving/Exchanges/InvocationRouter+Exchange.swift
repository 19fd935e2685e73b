import NIOCore

/// What the daemon itself asks of a worker.
public struct WorkerRequest: Sendable {
  /// Neither may hold line breaks.
  public var contentType: String?
  public var accept: String?
  public var body: [UInt8]

  public init(contentType: String?, accept: String?, body: [UInt8]) {
    self.contentType = contentType
    self.accept = accept
    self.body = body
  }
}

/// What became of it.
public enum WorkerAnswer: Sendable {
  /// The worker answered, well or not; the answer is complete.
  case answered(status: Int, contentType: String?, body: [UInt8])
  /// Nothing was sent: no connection could be made.
  case unreachable(String)
  /// The connection broke while the worker had the request, as when it dies.
  case broken(String)
  /// What it answered is no HTTP.
  case malformed(String)
  case timedOut
  /// The answer was longer than the caller takes; the rest was not read.
  case tooLarge(limit: Int)
}

extension InvocationRouter {
  /// Sends a request to a worker past every route and line, and waits for its answer. It counts as in hand of the worker
  /// (`drained`) until this returns. Breaks off at once when the task is cancelled.
  public func exchange(
    _ request: WorkerRequest, with worker: ReadyWorker, seconds: Double, largestAnswer: Int
  ) async -> WorkerAnswer {
    guard !worker.stages.isEmpty else { return .unreachable("the worker has no address") }
    beginExchange(with: worker.token)
    defer { endExchange(with: worker.token) }
    let loop = anyLoop()
    let running = RunningWork<WorkerExchange>()
    return await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        loop.execute { [self] in
          let exchange = WorkerExchange(
            request, with: worker, seconds: seconds, largestAnswer: largestAnswer, over: connections(on: loop)
          ) { continuation.resume(returning: $0) }
          running.begin(NIOLoopBound(exchange, eventLoop: loop))
        }
      }
    } onCancel: {
      loop.execute { running.cancel() }
    }
  }
}
