import HostKit
import JSONKit
import Lifecycles
import Logging
import Persistence
import Resources

/// Holds every job that has not ended, decides by the pure lifecycle, records, and only then acts.
///
/// One event of a job is handled at a time; different jobs go on side by side and share commits. The record in memory
/// changes after the commit, so nobody is told what a crash could take back.
actor TrainingJobEngine {
  /// What the engine has done for it: the attempts of jobs.
  protocol Attempts: Sendable {
    /// Prepares and launches the current attempt, or takes it up again where it stands. Idempotent.
    func begin(_ job: TrainingJob)
    /// Orders the worker (or its preparation) to stop.
    func stop(_ job: TrainingJob)
    /// Shortens the time between TERM and KILL of a stop that is ordered already.
    func hasten(_ job: TrainingJob, graceSeconds: Double)
    /// The job has ended: what its attempts no longer need can go.
    func finish(_ job: TrainingJob)
  }

  private let store: Store
  private let wakeBoard: WakeBoard
  private let logger: Logger
  private let workQueue: WorkQueue
  private var attempts: (any Attempts)?
  private var active: [String: TrainingJob] = [:]
  private var slots: SlotTable
  /// What others do with their slots, by the names of those who wait.
  private var claims: [String: @Sendable () -> Void] = [:]
  /// One event of a job at a time.
  private let turns = Turns()
  /// Jobs in line whose record does not tell yet that (and why) they wait.
  private var unexplained: Set<String> = []
  private var isExplaining = false

  init(
    store: Store, wakeBoard: WakeBoard, capacity: SlotTable.Amount, workQueue: WorkQueue, logger: Logger
  ) {
    self.store = store
    self.wakeBoard = wakeBoard
    self.workQueue = workQueue
    self.logger = logger
    slots = SlotTable(capacity: capacity)
  }

  // MARK: Start

  /// Takes up every job on record: those in line wait again, those under way are handed to `attempts` as they stand.
  func resume(_ jobs: [TrainingJob], attempts: any Attempts) {
    self.attempts = attempts
    for job in jobs {
      active[job.name] = job
      watchDeadline(of: job)
      if job.isQueued {
        slots.enqueue(job)
        unexplained.insert(job.name)
      } else {
        slots.occupy(job)
        attempts.begin(job)
        if job.isStopRequested { attempts.stop(job) }
      }
    }
    fillSlots()
  }

  // MARK: Reading

  func job(named name: String) async throws(StoreError) -> TrainingJob? {
    if let job = active[name] { return job }
    return try await store.trainingJob(named: name)
  }

  func waitingReason(of job: some SlotClaimant) -> String? { slots.waitingReason(of: job) }

  var occupancy: (capacity: SlotTable.Amount, used: SlotTable.Amount, running: Int, waiting: Int) {
    (slots.capacity, slots.used, slots.runningCount, slots.waitingCount - claims.count)
  }

  // MARK: Changing

  /// Records a new job; durable when this returns. One that need not wait gets its slot in the same commit.
  func submit(_ newJob: TrainingJob, tags: [Tag]) async throws(StoreError) {
    await turns.enter(newJob.name)
    defer { turns.leave(newJob.name) }
    var job = newJob
    var effects = job.begin(at: job.createdAt)
    var events = [EventRecord(at: job.createdAt, kind: "created", detail: "")]
    let isGranted = attempts != nil && slots.grantAtOnce(job)
    // A new job may always take its slot, so this cannot throw; were it otherwise, it would wait in line.
    if isGranted, let launch = try? job.apply(.slotGranted(token: newToken(for: job)), at: job.createdAt) {
      effects = launch
      events.append(EventRecord(at: job.createdAt, kind: "slotGranted", detail: ""))
    }
    do {
      try await store.insert(job, tags: tags, events: events)
    } catch {
      if isGranted {
        slots.release(job.name)
        fillSlots()
      }
      throw error
    }
    Failpoint.afterJobCommitted.hit()
    active[job.name] = job
    wakeBoard.announce(job.name)
    watchDeadline(of: job)
    perform(effects, on: job)
  }

  private func newToken(for job: TrainingJob) -> String {
    "\(job.name)/\(job.attempts.count + 1)/\(Identifier.random(bytes: 8))"
  }

  /// Changes the request on record of a job that has not ended (UpdateTrainingJob).
  func amend(
    _ name: String, _ change: @Sendable (inout JSON.Object) -> Void
  ) async throws(StoreError) {
    await turns.enter(name)
    defer { turns.leave(name) }
    guard var job = active[name], var request = job.request.object else { return }
    change(&request)
    job.request = .object(request)
    job.modifiedAt = max(job.modifiedAt, .now())
    job.version += 1
    try await commit(job, EventRecord(at: .now(), kind: "updated", detail: ""))
  }

  /// Applies what a user asked for; throws when it cannot be recorded.
  func apply(_ event: TrainingJob.Event, to name: String) async throws(StoreError) {
    await turns.enter(name)
    defer { turns.leave(name) }
    guard var job = active[name] else { return }
    let before = job
    let effects: [TrainingJob.Effect]
    do {
      effects = try job.apply(event, at: .now())
    } catch {
      logger.error(
        "illegal transition",
        metadata: ["job": "\(name)", "event": "\(event.kind)", "status": "\(error.status.rawValue)"])
      return
    }
    if job != before {
      job.version += 1
      try await commit(job, EventRecord(at: .now(), kind: event.kind, detail: job.transitions.last?.message ?? ""))
      if before.secondaryStatus != job.secondaryStatus {
        logger.info("status changed", metadata: ["job": "\(name)", "status": "\(job.secondaryStatus.rawValue)"])
      }
    }
    perform(effects, on: job)
  }

  /// Records a user's wish to stop. Asked again, with less grace, it hastens a stop that is under way.
  func stop(_ name: String, graceSeconds: Double?) async throws(StoreError) {
    try await apply(.stopRequested, to: name)
    if let graceSeconds, let job = active[name] { attempts?.hasten(job, graceSeconds: graceSeconds) }
  }

  /// Applies what has happened, however long the store needs: a fact is never dropped because the disk is full.
  func happen(_ event: TrainingJob.Event, to name: String) async {
    while true {
      do {
        return try await apply(event, to: name)
      } catch {
        // Cancelled means that the daemon ends: the fact is still in the attempt's folder for the next start.
        if Task.isCancelled { return }
        logger.error(
          "cannot record an event; trying again",
          metadata: ["job": "\(name)", "event": "\(event.kind)", "error": "\(error)"])
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
  }

  private func commit(_ job: TrainingJob, _ event: EventRecord) async throws(StoreError) {
    try await store.update(job, event: event)
    if job.status.isTerminal { active[job.name] = nil } else { active[job.name] = job }
    wakeBoard.announce(job.name)
  }

  private func perform(_ effects: [TrainingJob.Effect], on job: TrainingJob) {
    for effect in effects {
      switch effect {
      case .enqueue:
        slots.enqueue(job)
      case .dequeue:
        slots.dequeue(job)
        unexplained.remove(job.name)
      case .launch:
        Failpoint.afterSlotGranted.hit()
        attempts?.begin(job)
      case .stopWorker:
        Failpoint.afterStopRecorded.hit()
        attempts?.stop(job)
      case .finish:
        slots.release(job.name)
        attempts?.finish(job)
      case .releaseSlot:
        slots.release(job.name)
      }
    }
    fillSlots()
    if active[job.name].map({ slots.waitingReason(of: $0) != nil }) == true {
      unexplained.insert(job.name)
      explainSoon()
    }
  }

  // MARK: Slots of others

  /// Puts somebody else in the line of the jobs. `onGrant` is called when there is room; `withdraw` must follow.
  func claim(_ claimant: some SlotClaimant, onGrant: @escaping @Sendable () -> Void) {
    claims[claimant.name] = onGrant
    slots.enqueue(claimant)
    fillSlots()
  }

  /// Gives a slot back, or the place in the line.
  func withdraw(_ claimant: some SlotClaimant) {
    claims[claimant.name] = nil
    slots.dequeue(claimant)
    slots.release(claimant.name)
    fillSlots()
  }

  private func fillSlots() {
    guard attempts != nil else { return }
    while let name = slots.grantNext() {
      if let onGrant = claims.removeValue(forKey: name) {
        onGrant()
        continue
      }
      unexplained.remove(name)
      guard let job = active[name] else {
        slots.release(name)
        continue
      }
      let token = newToken(for: job)
      workQueue.add { await self.happen(.slotGranted(token: token), to: name) }
    }
  }

  /// Writes into the records of jobs that have waited for a while why they wait. Not at once: most jobs of a burst start
  /// before anybody looks, and their submission must not pay for an explanation.
  private func explainSoon() {
    guard !isExplaining else { return }
    isExplaining = true
    workQueue.add {
      // Cancelled means that the daemon ends, and nobody waits for an explanation.
      do { try await Task.sleep(for: .seconds(1)) } catch { return }
      await self.explain()
    }
  }

  private func explain() async {
    let names = unexplained
    unexplained = []
    for name in names.sorted() {
      guard let job = active[name], let reason = slots.waitingReason(of: job) else { continue }
      await happen(.mustWait(reason: reason), to: name)
    }
    isExplaining = false
    if !unexplained.isEmpty { explainSoon() }
  }

  // MARK: Pending time

  private func watchDeadline(of job: TrainingJob) {
    guard job.isQueued, let (deadline, isMaximumWait) = job.pendingDeadline else { return }
    let name = job.name
    let id = job.id
    workQueue.add {
      let seconds = max(0, deadline.seconds - Timestamp.now().seconds)
      // Cancelled means that the daemon ends; the deadline is watched again after the next start.
      do { try await Task.sleep(for: .seconds(seconds)) } catch { return }
      guard await self.isActive(name, id: id) else { return }
      await self.happen(.pendingTimeExceeded(isMaximumWait: isMaximumWait), to: name)
    }
  }

  private func isActive(_ name: String, id: Int64) -> Bool { active[name]?.id == id }
}

extension TrainingJob {
  /// When the job, if it has not started, stops waiting; true for MaxWaitTimeInSeconds.
  fileprivate var pendingDeadline: (Timestamp, Bool)? {
    let condition = request["StoppingCondition"]
    if let wait = condition?["MaxWaitTimeInSeconds"]?.integer {
      return (createdAt.advanced(bySeconds: Double(wait)), true)
    }
    if let pending = condition?["MaxPendingTimeInSeconds"]?.integer {
      return (createdAt.advanced(bySeconds: Double(pending)), false)
    }
    return nil
  }
}

extension TrainingJob.Event {
  /// The name under which the event is recorded.
  var kind: String {
    switch self {
    case .slotGranted: "slotGranted"
    case .mustWait: "mustWait"
    case .downloading: "downloading"
    case .workerStarted: "workerStarted"
    case .packing: "packing"
    case .attemptEnded: "attemptEnded"
    case .stopRequested: "stopRequested"
    case .pendingTimeExceeded: "pendingTimeExceeded"
    }
  }
}
