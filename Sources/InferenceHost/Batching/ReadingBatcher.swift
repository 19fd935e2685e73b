import Dispatch
import Synchronization

/// Works on the items of requests that come together in one call of the model, on a thread of its own.
///
/// Its events come from event loops (deadlines, clients that leave), from the reading thread and from tasks, none of
/// which may wait for the others: so its state lies behind a lock that is held for microseconds, not in an actor, and
/// each event is applied at once and in order. What to do is decided by `ReadingQueue`.
final class ReadingBatcher<Model: ServedModel>: Sendable {
  typealias Queue = ReadingQueue<Model.Item, Model.Options>
  typealias Report = ReadingReport<Model.Finding>
  typealias Outcome = Result<Report, InvocationFault>

  /// Calls back after a time, on whatever thread.
  typealias Timer = @Sendable (Duration, @escaping @Sendable () -> Void) -> Void

  private let state: Mutex<State>
  private let lane = DispatchQueue(label: "htr.reading", qos: .userInitiated)
  private let timer: Timer
  private let report: @Sendable (ReaderFailure) -> Void

  /// - Parameter report: told of each item that the model could not read.
  init(
    limits: BatchingLimits, timer: @escaping Timer, report: @escaping @Sendable (ReaderFailure) -> Void = { _ in }
  ) {
    state = Mutex(State(queue: ReadingQueue(limits: limits)))
    self.timer = timer
    self.report = report
  }

  var phase: ServingPhase { state.withLock { $0.phase } }

  /// Whether the model could read anything the last time it was asked.
  var isWell: Bool { state.withLock { $0.isWell } }

  /// Items that wait for the model.
  var waiting: Int { state.withLock { $0.queue.count } }

  /// From now on requests are worked on by this model.
  func serve(with model: Model) {
    state.withLock { state in
      state.model = model
      if state.phase == .loading { state.phase = .serving }
    }
  }

  /// From now on new requests are sent away; those in hand are read to their end, or given up after the grace time.
  func drain(within grace: Duration) {
    state.withLock { $0.phase = .draining }
    timer(grace) { [weak self] in
      guard let self else { return }
      for ticket in state.withLock({ Array($0.requests.keys) }) { abandon(ticket, because: .draining) }
    }
  }

  /// The model in service.
  /// - Throws: while there is none.
  func servingModel() throws(InvocationFault) -> Model {
    let (phase, model) = state.withLock { ($0.phase, $0.model) }
    guard phase != .draining else { throw .draining }
    guard let model else { throw .loading }
    return model
  }

  /// A ticket, with which a request can be given up from now on. Close it in the end.
  func open() -> Ticket {
    state.withLock { state in
      state.lastTicket += 1
      state.requests[state.lastTicket] = .open
      return state.lastTicket
    }
  }

  func close(_ ticket: Ticket) { state.withLock { $0.requests[ticket] = nil } }

  /// Waits for the findings of all items.
  /// - Throws: when the model is not there, has too much to do or fails, or when the request is given up.
  func read(
    _ items: [Model.Item], options: Model.Options, ticket: Ticket
  ) async throws(InvocationFault) -> Report {
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        submit(items, options: options, ticket: ticket, continuation: continuation)
        if Task.isCancelled { abandon(ticket, because: .draining) }
      }
    } onCancel: {
      abandon(ticket, because: .draining)
    }
    return try outcome.get()
  }

  /// Gives a request up: its items leave the queue, and whoever waits for them is told. Later than its end: no effect.
  func abandon(_ ticket: Ticket, because reason: Abandonment) {
    settle { state in
      switch state.requests[ticket] {
      case .open: state.requests[ticket] = .abandoned(reason)
      case .reading(let reading, let continuation):
        state.queue.drop(ticket)
        state.requests[ticket] = .abandoned(reason)
        return [(continuation, .failure(reason.fault(hasStarted: reading.started != nil)))]
      case .abandoned, nil: break
      }
      return []
    }
  }

  private func submit(
    _ items: [Model.Item], options: Model.Options, ticket: Ticket,
    continuation: CheckedContinuation<Outcome, Never>
  ) {
    settle { state in
      let now = ContinuousClock.now
      if let refusal = state.refusal(of: ticket) { return [(continuation, .failure(refusal))] }
      let reading = OpenReading<Model.Finding>(count: items.count, at: now)
      guard !items.isEmpty else { return [(continuation, .success(reading.report(at: now)))] }
      guard state.queue.add(items, of: ticket, options: options, at: now) else {
        return [(continuation, .failure(.queueFull(state.queue, items: items.count)))]
      }
      state.requests[ticket] = .reading(reading, continuation)
      return []
    }
  }

  /// Changes the state, tells those whose requests have come to an end, and goes on with what is to be done next.
  private func settle(_ change: (inout State) -> [(CheckedContinuation<Outcome, Never>, Outcome)]) {
    let (settled, step, model) = state.withLock { state in
      let settled = change(&state)
      return (settled, state.step(), state.model)
    }
    for (continuation, outcome) in settled { continuation.resume(returning: outcome) }
    switch step {
    case .rest: break
    case .wait(let due):
      timer(due - ContinuousClock.now) { [weak self] in
        self?.settle { state in
          state.queue.gatheringEnded()
          return []
        }
      }
    case .read(let batch):
      guard let model else { return }
      lane.async { self.work(on: batch, with: model) }
    }
  }

  private func work(on batch: [Queue.Place], with model: Model) {
    let results = model.workOnEach(batch.map(\.item), options: batch[0].options)
    for case .failure(let failure) in results { report(failure) }
    let isWell = results.contains { if case .success = $0 { true } else { false } }
    settle { state in
      state.queue.finish()
      state.isWell = isWell
      return zip(batch, results).compactMap { place, result in state.finish(place, result) }
    }
  }
}

enum ServingPhase: Equatable { case loading, serving, draining }

/// Why a request is given up before its end.
enum Abandonment: Equatable {
  case overdue(Duration)
  case disconnected
  case draining

  func fault(hasStarted: Bool) -> InvocationFault {
    switch self {
    case .overdue(let limit) where hasStarted:
      InvocationFault(
        .overdue,
        "Reading took longer than \(limit): send fewer or smaller images, or try again later.")
    case .overdue(let limit):
      InvocationFault(
        .unavailable, "The request waited \(limit) for its turn and was given up: try again when there is less to do.")
    case .disconnected: InvocationFault(.unavailable, "The client has gone away.")
    case .draining: .draining
    }
  }
}
