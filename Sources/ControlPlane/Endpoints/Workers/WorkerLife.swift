import HostKit
import Launching
import Lifecycles
import Logging
import Serving
import WorkerContract

/// One worker from its launch to its end.
struct WorkerLife {
  /// What is heard of the worker, in its order.
  enum News: Sendable {
    case gone(stage: Int)
    /// Every stage answers, each on its socket.
    case healthy([WorkerSocket])
    /// It is silent, or takes too long to start. A final one would be so again.
    case broken(String, isFinal: Bool)
    /// The place is given up. Seconds that the worker gets to end by itself; nil: as its spec says.
    case retired(graceSeconds: Double?)
  }

  /// How it went, and why it ended.
  struct Ending: Sendable {
    let life: RestartPlan.Life
    let reason: String
    /// No worker can be made of what was asked for.
    var isRefusal = false
  }

  /// Seconds that a worker which does not answer gets to end by itself.
  private static let brokenGrace = 2.0
  /// A shim that is killed again and again is given up.
  private static let mostRelaunches = 20

  let place: WorkerPlace
  let processes: [WorkerProcess]
  let startedAt: Timestamp
  let startupSeconds: Double
  let context: WorkerContext
  private var stream: AsyncStream<News>.Iterator
  private let news: AsyncStream<News>.Continuation
  private let onReady: @Sendable (ReadyWorker?) async -> Void
  private var readyAt: Timestamp?
  private var left: Set<Int>
  private var relaunches = 0

  /// - Parameter onReady: told when the worker may get requests, and (nil) when it may get no more.
  init(
    place: WorkerPlace, processes: [WorkerProcess], startedAt: Timestamp, startupSeconds: Double,
    context: WorkerContext, stream: AsyncStream<News>, news: AsyncStream<News>.Continuation,
    onReady: @escaping @Sendable (ReadyWorker?) async -> Void
  ) {
    self.place = place
    self.processes = processes
    self.startedAt = startedAt
    self.startupSeconds = startupSeconds
    self.context = context
    self.stream = stream.makeAsyncIterator()
    self.news = news
    self.onReady = onReady
    left = Set(processes.indices)
  }

  /// Launches the worker (one that runs already is adopted) and stays with it until it has ended, or until the task is
  /// cancelled.
  mutating func run() async -> Ending {
    do {
      for stage in processes.indices { try await launch(stage) }
    } catch {
      left = left.filter { context.launcher.isWatching(token: processes[$0].token) }
      return await end(because: "It cannot be launched: \(error)", isFinal: false)
    }
    let watch = HealthWatch(
      processes: processes, startupSeconds: startupSeconds, context: context
    ) { [news] in news.yield($0) }
    // Cancelled and awaited when this returns.
    async let _ = watch.run()
    return await follow()
  }

  private func launch(_ stage: Int) async throws {
    let (launcher, process, news) = (context.launcher, processes[stage], news)
    try await context.quickThreads.run {
      try launcher.launch(process.folder, token: process.token) { news.yield(.gone(stage: stage)) }
    }
    Failpoint.afterWorkerLaunched.hit()
  }

  private mutating func follow() async -> Ending {
    while let item = await stream.next() {
      switch item {
      case .healthy(let sockets):
        readyAt = .now()
        await onReady(ReadyWorker(token: processes[0].token, stages: sockets))
      case .broken(let reason, let isFinal):
        return await end(because: reason, isFinal: isFinal, graceSeconds: Self.brokenGrace)
      case .retired(let seconds):
        return await end(because: "It was retired.", isFinal: false, graceSeconds: seconds)
      case .gone(let stage):
        if readyAt != nil { await onReady(nil) }
        if await isRelaunched(stage) { continue }
        left.remove(stage)
        let reason = processes[stage].exit.map { context.explanation(of: $0, at: place) }
        return await end(because: reason ?? "Its shim was killed again and again.", isFinal: false)
      }
    }
    return Ending(life: .neverReady(isFinal: false), reason: "The daemon ended.")
  }

  /// A shim that has left no record was killed, and the worker with it: another one writes down what is known of it.
  private mutating func isRelaunched(_ stage: Int) async -> Bool {
    guard processes[stage].exit == nil, relaunches < Self.mostRelaunches else { return false }
    relaunches += 1
    do {
      try await launch(stage)
      return true
    } catch {
      context.logger.error("cannot launch a shim", metadata: ["place": "\(place)", "error": "\(error)"])
      return false
    }
  }

  /// Ends what is left of the worker: no new requests, those in hand are waited for, TERM, and KILL by the shim.
  private mutating func end(
    because reason: String, isFinal: Bool, graceSeconds: Double? = nil
  ) async -> Ending {
    let end = Timestamp.now()
    await onReady(nil)
    if left.count == processes.count, readyAt != nil {
      _ = await context.router.drained(processes[0].token, seconds: context.drainSeconds)
    }
    for stage in left { await orderStop(processes[stage], graceSeconds) }
    while !left.isEmpty, let item = await stream.next() {
      guard case .gone(let stage) = item else { continue }
      if await !isRelaunched(stage) { left.remove(stage) }
    }
    if left.isEmpty { context.preparation.tidy(processes) }
    let life = readyAt.map { RestartPlan.Life.ready(seconds: end.seconds - $0.seconds) }
    return Ending(life: life ?? .neverReady(isFinal: isFinal), reason: reason)
  }

  private func orderStop(_ process: WorkerProcess, _ graceSeconds: Double?) async {
    do {
      try await context.quickThreads.run { [launcher = context.launcher] in
        let order = StopOrder(orderedAt: .now(), graceSeconds: graceSeconds)
        try launcher.stop(process.folder, token: process.token, order: order)
      }
    } catch {
      context.logger.error("cannot order a worker to stop", metadata: ["place": "\(place)", "error": "\(error)"])
    }
  }
}
