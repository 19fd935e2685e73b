import HostKit
import Lifecycles
import Logging
import Resources
import Serving
import Synchronization

/// Keeps a worker alive in one place of a deployment: starts it, starts another when it has ended, and ends it in good
/// order when the place is given up.
final class WorkerKeeper: Sendable {
  private struct State {
    var report: WorkerReport
    var news: AsyncStream<WorkerLife.News>.Continuation?
    var plan = RestartPlan()
  }

  let place: WorkerPlace
  private let variant: Deployment.Variant
  private let context: WorkerContext
  private let onChange: @Sendable (WorkerReport) async -> Void
  private let retirement = Gate()
  private let state: Mutex<State>

  /// - Parameter onChange: told of each change, one at a time.
  init(
    _ place: WorkerPlace, of variant: Deployment.Variant, _ context: WorkerContext,
    onChange: @escaping @Sendable (WorkerReport) async -> Void
  ) {
    self.place = place
    self.variant = variant
    self.context = context
    self.onChange = onChange
    state = Mutex(State(report: WorkerReport(place)))
  }

  /// Gives the place up: the worker finishes what it has in hand and ends; then `run` returns.
  /// - Parameter graceSeconds: between TERM and KILL; nil: as the daemon's settings say.
  func retire(graceSeconds: Double? = nil) {
    retirement.open()
    tell(.retired(graceSeconds: graceSeconds))
  }

  /// A request was not answered within its time.
  func heardOfTimeout() {
    tell(.broken("It did not answer a request within its time.", isFinal: false))
  }

  private func tell(_ news: WorkerLife.News) {
    _ = state.withLock { $0.news }?.yield(news)
  }

  /// Keeps workers running until the place is given up. Returns early, with the worker running, when the task is
  /// cancelled: the daemon ends, and the next one goes on with the worker.
  func run() async {
    while !retirement.isOpen {
      let ending = await serve()
      if Task.isCancelled || retirement.isOpen { return }
      let pause = state.withLock { $0.plan.note(ending.life) }
      context.logger.warning(
        "a worker has ended",
        metadata: [
          place.owner.rawValue: "\(place.endpoint)", "instance": "\(place.instance)", "reason": "\(ending.reason)",
        ])
      await change { state in
        state.report.state = .restarting
        state.report.restarts += 1
        state.report.lastEnd = ending.reason
        state.report.isRefused = ending.isRefusal
        state.report.isHopeless = state.plan.isHopeless
      }
      if pause > 0 { _ = await retirement.wait(seconds: pause) }
    }
  }

  /// Starts a worker, or takes up one that runs, and stays with it to its end.
  private func serve() async -> WorkerLife.Ending {
    let startedAt = Timestamp.now()
    let processes: [WorkerProcess]
    do {
      let (preparation, place, variant) = (context.preparation, place, variant)
      processes = try await context.copyThreads.run { try preparation.prepare(place, variant) }
    } catch {
      // A refusal would be the same the next time; a full disk may have room by then.
      let isRefusal = error is WorkerRefusal
      return .init(life: .neverReady(isFinal: isRefusal), reason: "\(error)", isRefusal: isRefusal)
    }
    let (stream, news) = AsyncStream.makeStream(of: WorkerLife.News.self)
    state.withLock { $0.news = news }
    defer { state.withLock { $0.news = nil } }
    // A retirement that came before there was somebody to hear it.
    if retirement.isOpen { news.yield(.retired(graceSeconds: nil)) }
    await change { state in
      state.report.state = .starting
      state.report.startedAt = startedAt
      state.report.token = processes[0].token
      state.report.readySeconds = nil
    }
    var life = WorkerLife(
      place: place, processes: processes, startedAt: startedAt, startupSeconds: variant.config.startupSeconds,
      context: context, stream: stream, news: news
    ) { [self] ready in await note(ready, pid: processes[0].pid, startedAt: startedAt) }
    return await life.run()
  }

  /// The worker may get requests from here on, or (nil) no more.
  private func note(_ ready: ReadyWorker?, pid: Int32?, startedAt: Timestamp) async {
    await change { state in
      state.report.ready = ready
      if ready == nil {
        state.report.state = retirement.isOpen ? .stopping : .restarting
        state.report.pid = nil
      } else {
        state.report.state = .ready
        state.report.pid = pid
        state.report.readySeconds = Timestamp.now().seconds - startedAt.seconds
        state.report.isHopeless = false
      }
    }
  }

  private func change(_ body: (inout State) -> Void) async {
    let report = state.withLock { state in
      body(&state)
      return state.report
    }
    await onChange(report)
  }
}
