import HostKit
import Launching
import Lifecycles
import Logging
import Persistence
import Resources
import Synchronization
import WorkerContract

/// Takes attempts from their slot to their end: prepares the folder, gets a shim to work on it, watches it, and turns
/// what it left into the job's next event. Every step can be repeated: after a crash of anything it goes on where the
/// records in the attempt's folder end.
final class AttemptSupervisor: TrainingJobEngine.Attempts {
  /// What is heard of an attempt, in its order.
  private enum Fact {
    case notice(ShimNotice.Event)
    case shimGone
  }

  private struct Run {
    let cancellation = Cancellation()
    let facts: AsyncStream<Fact>.Continuation
    var isLaunched = false
    var launches = 0
    /// Set when somebody wants the stop to be quicker than the settings say.
    var graceSeconds: Double?
    var metrics: MetricCollector?
    var checkpoints: CheckpointKeeper?
  }

  /// A shim that is killed again and again is given up after so many launches.
  private static let maximumLaunches = 20

  private let engine: TrainingJobEngine
  private let home: Home
  private let settings: Settings
  private let preparation: AttemptPreparation
  private let publication: AttemptPublication
  private let store: Store
  private let logWatch: LogWatch
  private let quickThreads: BlockingThreads
  private let copyThreads: BlockingThreads
  private let remoteThreads: BlockingThreads
  private let remote: RemoteBuckets
  private let workQueue: WorkQueue
  private let logger: Logger
  private let runs = Mutex<[String: Run]>([:])
  private let launcher: ShimLauncher
  private let ordering = Mutex(())

  init(_ parts: DaemonParts, engine: TrainingJobEngine, launcher: ShimLauncher) {
    self.engine = engine
    self.launcher = launcher
    home = parts.home
    settings = parts.settings
    preparation = AttemptPreparation(parts)
    publication = AttemptPublication(parts)
    store = parts.store
    logWatch = parts.logWatch
    quickThreads = parts.quickThreads
    copyThreads = parts.copyThreads
    remoteThreads = parts.remoteThreads
    remote = parts.remoteBuckets
    workQueue = parts.workQueue
    logger = parts.logger
  }

  // MARK: What the engine asks

  func begin(_ job: TrainingJob) {
    guard let token = job.currentAttempt?.token else { return }
    let (facts, continuation) = AsyncStream.makeStream(of: Fact.self)
    let isNew = runs.withLock { runs in
      guard runs[token] == nil else { return false }
      runs[token] = Run(facts: continuation)
      return true
    }
    if isNew { workQueue.add { await self.run(job, token: token, facts) } }
  }

  func stop(_ job: TrainingJob) {
    guard let attempt = job.currentAttempt else { return }
    guard let run = runs.withLock({ $0[attempt.token] }) else { return }
    run.cancellation.cancel()
    // Before the launch the cancelled preparation ends the attempt; afterwards the shim does.
    guard run.isLaunched else { return }
    workQueue.add { await self.orderStop(job.name, attempt) }
  }

  func hasten(_ job: TrainingJob, graceSeconds: Double) {
    guard let attempt = job.currentAttempt, runs.withLock({ $0[attempt.token]?.isLaunched }) == true else { return }
    runs.withLock { $0[attempt.token]?.graceSeconds = graceSeconds }
    workQueue.add { await self.orderStop(job.name, attempt) }
  }

  func finish(_ job: TrainingJob) {
    let folders = job.attempts.map { home.attempt($0.number, of: job.name) }
    let hasFailed = job.status == .failed
    workQueue.add { [quickThreads, publication, logger] in
      do {
        try await quickThreads.run {
          for folder in folders {
            // Attempts before the last have failed, else there would have been no other.
            try publication.tidy(folder, keepsWork: hasFailed || folder != folders.last)
          }
        }
      } catch {
        logger.warning("cannot tidy an attempt's folder", metadata: ["job": "\(job.name)", "error": "\(error)"])
      }
    }
  }

  /// A notice of a shim. The attempt's folder holds whatever must not be lost; this only makes it quick.
  func heard(_ notice: ShimNotice) {
    _ = runs.withLock { $0[notice.token]?.facts.yield(.notice(notice.event)) }
  }

  // MARK: The way of an attempt

  private func run(_ job: TrainingJob, token: String, _ facts: AsyncStream<Fact>) async {
    guard let attempt = job.currentAttempt else { return }
    let folder = home.attempt(attempt.number, of: job.name)
    if await hasEnded(folder) {
      await watchOutput(of: job, attempt, folder)
      return await conclude(job.name, attempt, folder)
    }
    guard await prepare(job, attempt, folder) else { return }
    await watchOutput(of: job, attempt, folder)
    guard await launch(job.name, attempt, folder) else { return }
    for await fact in facts {
      switch fact {
      case .notice(let event): await take(event, of: job.name)
      case .shimGone where Files.exists(folder.end): return await conclude(job.name, attempt, folder)
      case .shimGone: guard await launchAgain(job.name, attempt, folder) else { return }
      }
    }
  }

  /// An end record is there and can be believed.
  private func hasEnded(_ folder: AttemptFolder) async -> Bool {
    guard Files.exists(folder.end) else { return false }
    do {
      return try await copyThreads.run { [publication] in try publication.discardTornEnd(folder) }
    } catch {
      logger.error("cannot check an end record", metadata: ["folder": "\(folder.path)", "error": "\(error)"])
      return true
    }
  }

  private func dataThreads(of job: TrainingJob) -> BlockingThreads {
    remote.concerns(job.request) ? remoteThreads : copyThreads
  }

  /// False when the attempt has ended here already.
  private func prepare(
    _ job: TrainingJob, _ attempt: TrainingJob.Attempt, _ folder: AttemptFolder
  ) async -> Bool {
    guard let run = runs.withLock({ $0[attempt.token] }) else { return false }
    let threads = preparation.copiesData(job) ? dataThreads(of: job) : quickThreads
    let (engine, workQueue, preparation) = (engine, workQueue, preparation)
    do {
      try await threads.run {
        try preparation.prepare(job, attempt, folder, cancellation: run.cancellation) { message in
          workQueue.add { await engine.happen(.downloading(message: message), to: job.name) }
        }
      }
      Failpoint.afterFolderPrepared.hit()
      return true
    } catch let error as AttemptPreparation.Refusal {
      var ending = AttemptEnding(verdict: error.isCancellation ? .stopped : .failed(error.failure))
      ending.workerEndedAt = .now()
      await end(job.name, attempt, ending)
    } catch {
      let failure = Failure(.internal, "The attempt's folder \(folder.path) cannot be prepared: \(error)")
      await end(job.name, attempt, AttemptEnding(verdict: .failed(failure)))
    }
    return false
  }

  /// False when the attempt has ended here, because no shim can be started.
  private func launch(
    _ name: String, _ attempt: TrainingJob.Attempt, _ folder: AttemptFolder
  ) async -> Bool {
    let token = attempt.token
    let (launches, facts) = runs.withLock { runs in
      runs[token]?.launches += 1
      runs[token]?.isLaunched = true
      return (runs[token]?.launches ?? 0, runs[token]?.facts)
    }
    do {
      try await quickThreads.run { [launcher] in
        try launcher.launch(folder, token: token) { facts?.yield(.shimGone) }
      }
      Failpoint.afterShimLaunched.hit()
      // A stop that came between the preparation and now has seen no shim to order.
      if runs.withLock({ $0[token]?.cancellation.isCancelled }) == true {
        await orderStop(name, attempt)
      }
      return true
    } catch {
      logger.error("cannot launch a shim", metadata: ["job": "\(name)", "error": "\(error)"])
      guard launches < Self.maximumLaunches else {
        let failure = Failure(.internal, "The shim of the job cannot be started: \(error)")
        await endWatching(attempt)
        await end(name, attempt, AttemptEnding(verdict: .failed(failure)))
        return false
      }
      // Cancelled means that the daemon ends; the next start goes on.
      do { try await Task.sleep(for: .milliseconds(50 * launches)) } catch { return false }
      return await launch(name, attempt, folder)
    }
  }

  private func orderStop(_ name: String, _ attempt: TrainingJob.Attempt) async {
    let folder = home.attempt(attempt.number, of: name)
    do {
      try await quickThreads.run { [self] in
        // One order at a time, so that an older one never replaces a more urgent one.
        try ordering.withLock { _ in
          let grace = runs.withLock { $0[attempt.token]?.graceSeconds }
          try launcher.stop(folder, token: attempt.token, order: StopOrder(orderedAt: .now(), graceSeconds: grace))
        }
      }
    } catch {
      // Cancelled means that the daemon ends; the order is on record and is given again at the next start.
      if Task.isCancelled { return }
      logger.error("cannot order a stop; trying again", metadata: ["job": "\(name)", "error": "\(error)"])
      do { try await Task.sleep(for: .seconds(1)) } catch { return }
      if runs.withLock({ $0[attempt.token] != nil }) { await orderStop(name, attempt) }
    }
  }

  /// A shim that ended without a record was killed: another goes on where it stopped. False when it is given up.
  private func launchAgain(
    _ name: String, _ attempt: TrainingJob.Attempt, _ folder: AttemptFolder
  ) async -> Bool {
    let launches = runs.withLock { $0[attempt.token]?.launches ?? 0 }
    logger.warning(
      "a shim ended without a record; launching it again",
      metadata: ["job": "\(name)", "attempt": "\(attempt.number)"])
    guard launches < Self.maximumLaunches else {
      launcher.forget(token: attempt.token)
      let failure = Failure(.internal, "The shim of the job was killed \(launches) times.")
      await endWatching(attempt)
      await end(name, attempt, AttemptEnding(verdict: .failed(failure)))
      return false
    }
    // A shim that cannot go on (its folder is gone, the disk answers with errors) must not be launched in a tight loop.
    // Cancelled means that the daemon ends; the next start goes on.
    do { try await Task.sleep(for: .milliseconds(20 * (launches - 1))) } catch { return false }
    return await launch(name, attempt, folder)
  }

  /// Reads how the attempt ended, publishes its archives and records the end.
  private func conclude(
    _ name: String, _ attempt: TrainingJob.Attempt, _ folder: AttemptFolder
  ) async {
    let hasMetrics = await endWatching(attempt)
    Failpoint.beforeEndRecorded.hit()
    while true {
      do {
        guard let job = try await engine.job(named: name), job.currentAttempt?.token == attempt.token
        else { return forget(attempt) }
        let publication = publication
        var ending = try await quickThreads.run { try publication.publish(job, folder) }
        if publication.sends(ending) {
          await engine.happen(.packing(isWaitingForRoom: false), to: name)
          ending = try await remoteThreads.run { [ending] in try publication.send(ending) }
        }
        if hasMetrics { ending.finalMetrics = try await finalMetrics(of: job) }
        Failpoint.afterArtifactPublished.hit()
        return await end(name, attempt, ending)
      } catch {
        // Cancelled means that the daemon ends; the next start publishes again.
        if Task.isCancelled { return }
        logger.error(
          "cannot publish a job's artifacts; trying again", metadata: ["job": "\(name)", "error": "\(error)"])
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
  }

  private func end(_ name: String, _ attempt: TrainingJob.Attempt, _ ending: AttemptEnding) async {
    forget(attempt)
    await engine.happen(.attemptEnded(ending), to: name)
    Failpoint.afterEndRecorded.hit()
  }

  private func forget(_ attempt: TrainingJob.Attempt) {
    runs.withLock { $0.removeValue(forKey: attempt.token) }?.facts.finish()
  }

  // MARK: Beside the worker

  private func watchOutput(
    of job: TrainingJob, _ attempt: TrainingJob.Attempt, _ folder: AttemptFolder
  ) async {
    let collector = await MetricCollector(job: job, home: home, store: store, logWatch: logWatch, logger: logger)
    if let collector { workQueue.add { await collector.run() } }
    let keeper = CheckpointKeeper(
      job: job, folder: folder, every: settings.checkpointSeconds, publication: publication,
      threads: dataThreads(of: job), logger: logger)
    if let keeper { workQueue.add { await keeper.run() } }
    runs.withLock { runs in
      runs[attempt.token]?.metrics = collector
      runs[attempt.token]?.checkpoints = keeper
    }
  }

  /// The worker has ended: what it wrote is read and copied to the end. True when there are metrics.
  @discardableResult
  private func endWatching(_ attempt: TrainingJob.Attempt) async -> Bool {
    let run = runs.withLock { $0[attempt.token] }
    await run?.checkpoints?.finish()
    await run?.metrics?.finish()
    return run?.metrics != nil
  }

  private func take(_ event: ShimNotice.Event, of name: String) async {
    switch event {
    case .workerStarted(let at):
      await engine.happen(.workerStarted(at: at), to: name)
      Failpoint.afterWorkerStartRecorded.hit()
    case .packing: await engine.happen(.packing(isWaitingForRoom: false), to: name)
    case .waitingForRoom: await engine.happen(.packing(isWaitingForRoom: true), to: name)
    case .usage(let usage): await record(usage, of: name)
    }
  }

  private func record(_ usage: ShimNotice.Usage, of name: String) async {
    let values = [
      ("htr:cpu_percent", usage.cpuPercent), ("htr:memory_bytes", Double(usage.memoryBytes)),
      ("htr:disk_bytes", Double(usage.diskBytes)),
    ]
    do {
      guard let job = try await engine.job(named: name) else { return }
      let points = values.map {
        MetricPoint(name: $0.0, position: usage.at.milliseconds, at: usage.at, value: $0.1)
      }
      try await store.addMetrics(points, toJob: job.id)
    } catch {
      logger.warning("a sample is lost", metadata: ["job": "\(name)", "error": "\(error)"])
    }
  }

  private func finalMetrics(of job: TrainingJob) async throws -> [TrainingJob.FinalMetric] {
    try await store.finalMetrics(ofJob: job.id).filter { !$0.name.hasPrefix("htr:") }.map {
      TrainingJob.FinalMetric(name: $0.name, value: $0.value, at: $0.at)
    }
  }
}

/// Tells work on another thread that its result is not wanted any more.
final class Cancellation: Sendable {
  private let state = Mutex(false)

  var isCancelled: Bool { state.withLock { $0 } }

  func cancel() { state.withLock { $0 = true } }
}
