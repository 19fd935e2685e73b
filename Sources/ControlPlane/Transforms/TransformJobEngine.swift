import HostKit
import Lifecycles
import Logging
import Persistence
import Resources

/// Holds every transform job that has not ended, decides by the pure lifecycle, records, and only then acts.
actor TransformJobEngine {
  /// What the engine has done for it: the work on jobs.
  protocol Runs: Sendable {
    /// Begins the work on a job, or goes on with it where it stands.
    func begin(_ job: TransformJob) async
    /// Breaks the work off.
    func stop(_ job: TransformJob) async
  }

  private let store: Store
  private let wakeBoard: WakeBoard
  private let logger: Logger
  private var runs: (any Runs)?
  private var active: [String: TransformJob] = [:]
  /// One event of a job at a time.
  private let turns = Turns()

  init(_ parts: DaemonParts) {
    store = parts.store
    wakeBoard = parts.wakeBoard
    logger = parts.logger
  }

  /// What waits for changes of a job waits for this name.
  static func topic(_ name: String) -> String { "transform-job/\(name)" }

  /// Takes up every job on record where it stands.
  func resume(_ jobs: [TransformJob], runs: any Runs) async {
    self.runs = runs
    for job in jobs {
      active[job.name] = job
      await runs.begin(job)
    }
  }

  func job(named name: String) async throws(StoreError) -> TransformJob? {
    if let job = active[name] { return job }
    return try await store.transformJob(named: name)
  }

  // MARK: Changing

  /// Records a new job; durable when this returns.
  func submit(_ job: TransformJob, tags: [Tag]) async throws(StoreError) {
    await turns.enter(job.name)
    defer { turns.leave(job.name) }
    try await store.insert(job, tags: tags, event: EventRecord(at: job.createdAt, kind: "created", detail: ""))
    Failpoint.afterTransformCommitted.hit()
    active[job.name] = job
    wakeBoard.announce(Self.topic(job.name))
    await runs?.begin(job)
  }

  /// Applies what a user asked for; throws when it cannot be recorded.
  func apply(_ event: TransformJob.Event, to name: String) async throws(StoreError) {
    await turns.enter(name)
    defer { turns.leave(name) }
    guard var job = active[name] else { return }
    let before = job
    job.apply(event, at: .now())
    guard job != before else { return }
    job.version += 1
    try await store.update(job, event: EventRecord(at: .now(), kind: event.kind, detail: job.detail(of: event)))
    if job.status.isTerminal { active[name] = nil } else { active[name] = job }
    if before.status != job.status {
      logger.info("status changed", metadata: ["transform-job": "\(name)", "status": "\(job.status.rawValue)"])
    }
    wakeBoard.announce(Self.topic(name))
    if event == .stopRequested { await runs?.stop(job) }
  }

  /// Applies what has happened, however long the store needs: a fact is never dropped because the disk is full.
  func happen(_ event: TransformJob.Event, to name: String) async {
    while true {
      do {
        return try await apply(event, to: name)
      } catch {
        // Cancelled means that the daemon ends: the next one finds out again.
        if Task.isCancelled { return }
        logger.error(
          "cannot record an event; trying again",
          metadata: ["transform-job": "\(name)", "event": "\(event.kind)", "error": "\(error)"])
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
  }
}

extension TransformJob.Event {
  /// The name under which the event is recorded.
  fileprivate var kind: String {
    switch self {
    case .slotGranted: "slotGranted"
    case .planned: "planned"
    case .stopRequested: "stopRequested"
    case .ended: "ended"
    }
  }
}

extension TransformJob {
  fileprivate func detail(of event: Event) -> String {
    switch event {
    case .slotGranted, .stopRequested: ""
    case .planned(let total): "\(total) objects"
    case .ended:
      "\(status.rawValue): \(progress.done) of \(progress.total) objects" + (failureReason.map { "; \($0)" } ?? "")
    }
  }
}
