import Dispatch
import Handwriting
import ImageKit
import Synchronization

/// Reads the words of requests that come together in one call, on a thread of its own.
///
/// Its events come from event loops (deadlines, clients that leave), from the reading thread and from tasks, none of
/// which may wait for the others: so its state lies behind a lock that is held for microseconds, not in an actor, and
/// each event is applied at once and in order. What to do is decided by `ReadingQueue`.
final class ReadingBatcher: Sendable {
  typealias Outcome = Result<ReadingReport, InvocationFault>

  /// Calls back after a time, on whatever thread.
  typealias Timer = @Sendable (Duration, @escaping @Sendable () -> Void) -> Void

  enum Phase: Equatable { case loading, serving, draining }

  private let state: Mutex<State>
  private let lane = DispatchQueue(label: "htr.reading", qos: .userInitiated)
  private let timer: Timer
  private let report: @Sendable (ReaderFailure) -> Void

  /// - Parameter report: told of each word that the reader could not read.
  init(
    limits: BatchingLimits, timer: @escaping Timer, report: @escaping @Sendable (ReaderFailure) -> Void = { _ in }
  ) {
    state = Mutex(State(queue: ReadingQueue(limits: limits)))
    self.timer = timer
    self.report = report
  }

  var phase: Phase { state.withLock { $0.phase } }

  /// Whether the reader could read anything the last time it was asked.
  var isWell: Bool { state.withLock { $0.isWell } }

  /// Words that wait to be read.
  var waiting: Int { state.withLock { $0.queue.count } }

  /// From now on words are read by this reader.
  func serve(with reader: any WordReader) {
    state.withLock { state in
      state.reader = reader
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

  /// A ticket, with which a request can be given up from now on. Close it in the end.
  func open() -> Ticket {
    state.withLock { state in
      state.lastTicket += 1
      state.requests[state.lastTicket] = .open
      return state.lastTicket
    }
  }

  func close(_ ticket: Ticket) { state.withLock { $0.requests[ticket] = nil } }

  /// Waits for the readings of all words.
  /// - Throws: when the reader is not there, has too much to do or fails, or when the request is given up.
  func read(
    _ words: [GreyImage], options: ReadingOptions, ticket: Ticket
  ) async throws(InvocationFault) -> ReadingReport {
    let outcome = await withTaskCancellationHandler {
      await withCheckedContinuation { continuation in
        submit(words, options: options, ticket: ticket, continuation: continuation)
        if Task.isCancelled { abandon(ticket, because: .draining) }
      }
    } onCancel: {
      abandon(ticket, because: .draining)
    }
    return try outcome.get()
  }

  /// Gives a request up: its words leave the queue, and whoever waits for them is told. Later than its end: no effect.
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
    _ words: [GreyImage], options: ReadingOptions, ticket: Ticket,
    continuation: CheckedContinuation<Outcome, Never>
  ) {
    settle { state in
      let now = ContinuousClock.now
      if let refusal = state.refusal(of: ticket) { return [(continuation, .failure(refusal))] }
      let reading = OpenReading(count: words.count, at: now)
      guard !words.isEmpty else { return [(continuation, .success(reading.report(at: now)))] }
      guard state.queue.add(words, of: ticket, options: options, at: now) else {
        return [(continuation, .failure(.queueFull(state.queue, words: words.count)))]
      }
      state.requests[ticket] = .reading(reading, continuation)
      return []
    }
  }

  /// Changes the state, tells those whose requests have come to an end, and goes on with what is to be done next.
  private func settle(_ change: (inout State) -> [(CheckedContinuation<Outcome, Never>, Outcome)]) {
    let (settled, step, reader) = state.withLock { state in
      let settled = change(&state)
      return (settled, state.step(), state.reader)
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
      guard let reader else { return }
      lane.async { self.read(batch, with: reader) }
    }
  }

  private func read(_ batch: [ReadingQueue.Word], with reader: any WordReader) {
    let results = reader.readEach(batch.map(\.image), options: batch[0].options)
    for case .failure(let failure) in results { report(failure) }
    let isWell = results.contains { if case .success = $0 { true } else { false } }
    settle { state in
      state.queue.finish()
      state.isWell = isWell
      return zip(batch, results).compactMap { word, result in state.finish(word, result) }
    }
  }
}

/// Why a request is given up before its end.
enum Abandonment: Equatable {
  case overdue(Duration)
  case disconnected
  case draining

  func fault(hasStarted: Bool) -> InvocationFault {
    switch self {
    case .overdue(let limit) where hasStarted:
      InvocationFault(
        .overdue, "Reading took longer than \(limit): send fewer images in one request, or try again later.")
    case .overdue(let limit):
      InvocationFault(
        .unavailable, "The request waited \(limit) for its turn and was given up: try again when there is less to do.")
    case .disconnected: InvocationFault(.unavailable, "The client has gone away.")
    case .draining: .draining
    }
  }
}
