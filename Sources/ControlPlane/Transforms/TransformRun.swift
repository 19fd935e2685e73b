import HostKit
import Lifecycles
import Persistence
import Resources
import Wire

/// The work on one transform job, from its list of inputs to the end of its last worker.
final class TransformRun: Sendable {
  /// Seconds between TERM and KILL for workers whose answers nobody wants any more.
  private static let promptGrace = 1.0

  private let job: TransformJob
  private let request: CreateTransformJobRequest
  private let context: TransformContext
  private let crew: TransformCrew
  let slot: TransformSlot
  private let stopping = Gate()

  /// - Throws: why the request on record cannot be read.
  init(_ job: TransformJob, _ context: TransformContext) throws(ServiceError) {
    self.job = job
    self.context = context
    request = try CreateTransformJobRequest(json: job.request)
    slot = try TransformSlot(job, request, context.machine)
    let runtime = try context.catalog.runtime(of: job.containers[0].image)
    // All that one worker has in hand is bounded, as SageMaker bounds it.
    let most = max(1, (100 << 20) / request.largestPayload)
    let usual = runtime.requestsPerWorker(job.containers[0].environment.merging(request.environment) { $1 })
    crew = TransformCrew(
      job, request, requestsPerWorker: min(request.requestsPerWorker ?? usual, most), context.workers)
    if job.status == .stopping { stopping.open() }
  }

  func stop() { stopping.open() }

  var reports: [WorkerReport] { crew.reports }

  /// Does the work and records its end. Returns early, with everything as it stands, when the task is cancelled: the
  /// daemon ends, and the next one goes on.
  func run() async {
    let ending = await work()
    if Task.isCancelled { return }
    // An earlier daemon may have left some.
    await context.leftovers.end(workersOfTransformJob: job.name)
    await context.slots.withdraw(slot)
    // Cancelled means that the daemon ends.
    guard
      let progress = try? await context.insist(
        on: "read a transform job's progress",
        { [context, job] in
          try await context.store.progress(ofTransformJob: job.id)
        })
    else { return }
    await context.engine.happen(.ended(ending, progress), to: job.name)
  }

  private func work() async -> TransformJob.Ending {
    do {
      try await unlessStopped { [self] in
        await waitForSlot()
        try Task.checkCancellation()
        await context.engine.happen(.slotGranted, to: job.name)
        if !job.isPlanned { try await TransformPlan(job, request, context).record() }
      }
      let pending = try await context.insist(on: "read a transform job's inputs") { [context, job] in
        try await context.store.progress(ofTransformJob: job.id).pending
      }
      if pending > 0 { try await transform(pending) }
      return try await ending()
    } catch let fault as TransformFault {
      return .failed(reason: fault.description)
    } catch is CancellationError {
      return .stopped
    } catch { return .failed(reason: "InternalServerError: \(error)") }
  }

  private func waitForSlot() async {
    let granted = Gate()
    await context.slots.claim(slot) { granted.open() }
    await granted.wait()
  }

  /// What the inputs' records say, now that there is one of each.
  private func ending() async throws -> TransformJob.Ending {
    try await context.insist(on: "read a transform job's progress") { [context, job] in
      guard let first = try await context.store.firstFailure(ofTransformJob: job.id) else { return .finished }
      let progress = try await context.store.progress(ofTransformJob: job.id)
      let count = progress.failed > 1 ? " (\(progress.failed) of \(progress.total) objects failed)" : ""
      return .failed(reason: first.reason + count)
    }
  }

  // MARK: With workers

  private func transform(_ pending: Int) async throws {
    let request = request
    // An object that is one request keeps one worker busy.
    let workers = request.splitsLines ? request.instanceCount : min(request.instanceCount, pending)
    let outcome = await withTaskGroup(of: Result<Void, any Error>?.self) { group in
      group.addTask { [crew] in
        await crew.run(workers: workers)
        return nil
      }
      group.addTask { [self] in
        let result: Result<Void, any Error>
        do {
          try await unlessStopped { [self] in try await transformAll(pending, seats: workers * crew.requestsPerWorker) }
          result = .success(())
        } catch { result = .failure(error) }
        // A daemon that ends leaves its workers running.
        if !Task.isCancelled {
          if case .success = result {
            crew.retire(graceSeconds: nil)
          } else {
            crew.retire(graceSeconds: Self.promptGrace)
          }
        }
        return result
      }
      var outcome: Result<Void, any Error> = .success(())
      for await result in group { if let result { outcome = result } }
      return outcome
    }
    try outcome.get()
  }

  /// Several objects side by side; few objects of many records share the seats among their records.
  private func transformAll(_ pending: Int, seats: Int) async throws {
    let tasks = min(seats, pending)
    let queue = TransformQueue(job, context)
    let object = ObjectTransform(job, request, crew: crew, window: max(1, seats / tasks), context)
    try await withThrowingTaskGroup(of: Void.self) { group in
      for _ in 1...tasks {
        group.addTask { while let input = try await queue.next() { try await object.run(input) } }
      }
      try await group.waitForAll()
    }
  }

  /// Does something unless and until the job is stopped: then it is cancelled, and this throws a `CancellationError`.
  private func unlessStopped(_ body: @escaping @Sendable () async throws -> Void) async throws {
    try await withThrowingTaskGroup(of: Bool.self) { group in
      group.addTask { [stopping] in
        await stopping.wait()
        return false
      }
      group.addTask {
        try await body()
        return true
      }
      defer { group.cancelAll() }
      guard try await group.next() == true else {
        group.cancelAll()
        // Whatever it was busy with is over before this returns.
        while (try? await group.next()) != nil {}
        throw CancellationError()
      }
    }
  }
}

extension TransformJob.Progress {
  /// Inputs that nothing has become of yet.
  var pending: Int { total - done - failed }
}
