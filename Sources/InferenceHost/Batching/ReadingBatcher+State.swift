extension ReadingBatcher {
  /// What the lock guards.
  struct State {
    enum Request {
      case open
      case reading(OpenReading<Model.Finding>, CheckedContinuation<Outcome, Never>)
      case abandoned(Abandonment)
    }

    var phase = ServingPhase.loading
    var isWell = true
    var model: Model?
    var queue: Queue
    var requests: [Ticket: Request] = [:]
    var lastTicket: Ticket = 0

    init(queue: Queue) { self.queue = queue }
  }
}

extension ReadingBatcher.State {
  /// Why a request's items do not even get in line; nil when they do.
  func refusal(of ticket: Ticket) -> InvocationFault? {
    switch phase {
    case .loading: return .loading
    case .draining: return .draining
    case .serving: break
    }
    if case .abandoned(let reason) = requests[ticket] { return reason.fault(hasStarted: false) }
    return nil
  }

  /// The queue's next step, noted in the requests that it concerns.
  mutating func step() -> ReadingBatcher.Queue.Step {
    let now = ContinuousClock.now
    let step = queue.step(at: now)
    if case .read(let batch) = step {
      for ticket in Set(batch.map(\.ticket)) {
        guard case .reading(var reading, let continuation) = requests[ticket] else { continue }
        reading.start(at: now)
        requests[ticket] = .reading(reading, continuation)
      }
    }
    return step
  }

  /// Notes what became of one item.
  /// - Returns: who is to be told what, when its request has come to an end by it.
  mutating func finish(
    _ place: ReadingBatcher.Queue.Place, _ result: Result<Model.Finding, ReaderFailure>
  ) -> (CheckedContinuation<ReadingBatcher.Outcome, Never>, ReadingBatcher.Outcome)? {
    // Not there: given up while it was read.
    guard case .reading(var reading, let continuation) = requests[place.ticket] else { return nil }
    switch result {
    case .success(let found):
      let report = reading.take(found, at: place.index, now: .now)
      requests[place.ticket] = report == nil ? .reading(reading, continuation) : .open
      return report.map { (continuation, .success($0)) }
    case .failure(let failure):
      queue.drop(place.ticket)
      requests[place.ticket] = .open
      let message =
        "Image \(place.index) (counted from 0) could not be read: \(failure.reason). Nothing else in the "
        + "request was answered: send the other images without it."
      return (continuation, .failure(InvocationFault(.readingFailed, message)))
    }
  }
}

extension InvocationFault {
  static let loading = InvocationFault(.unavailable, "The model is still being loaded: try again in a moment.")
  static let draining = InvocationFault(.unavailable, "This worker is about to end: ask another one, or try again.")

  static func queueFull<Item, Options>(_ queue: ReadingQueue<Item, Options>, items: Int)
    -> InvocationFault
  {
    InvocationFault(
      .tooManyRequests,
      "\(queue.count) of \(queue.limits.maximumWaiting) places in the queue are taken and \(items) more do not fit: "
        + "try again in a moment, or with fewer images.")
  }
}
