import BuiltInAlgorithms
import HostKit
public import JSONKit
import Launching
import Lifecycles
import Logging
import PatternKit
import Persistence
import Resources
public import Wire

/// The training-job actions of SageMaker's API, and htr's own additions to them.
public struct TrainingJobService: Sendable {
  let engine: TrainingJobEngine
  let store: Store
  let home: Home
  let wakeBoard: WakeBoard
  let machine: Machine
  let catalog: RuntimeCatalog
  let threads: BlockingThreads
  let logWatch: LogWatch
  let workQueue: WorkQueue
  let account: String

  init(_ parts: DaemonParts, engine: TrainingJobEngine) {
    self.engine = engine
    store = parts.store
    home = parts.home
    wakeBoard = parts.wakeBoard
    machine = parts.machine
    catalog = parts.catalog
    threads = parts.quickThreads
    logWatch = parts.logWatch
    workQueue = parts.workQueue
    account = parts.account
  }

  // MARK: SageMaker's actions

  public func create(_ request: CreateTrainingJobRequest, region: String) async throws(ServiceError) -> JSON {
    guard request.instanceCount == 1 else {
      throw ServiceError(
        .resourceLimitExceeded,
        "The account-level service limit '\(request.instanceType) for training job usage' is 1 Instances, with current utilization of 0 Instances and a request delta of \(request.instanceCount) Instances. htr trains on one machine: set InstanceCount to 1."
      )
    }
    _ = try catalog.runtime(for: request)
    let demand = try machine.demand(of: request.instanceType)
    try await checkMetricDefinitions(request.metricDefinitions)
    try checkLocalPaths(of: request)
    try checkOutputs(of: request)
    let now = Timestamp.now()
    let job = TrainingJob(
      id: store.nextID(at: now), name: request.name, region: region, account: account,
      request: request.json, priority: request.priority, demand: demand, createdAt: now)
    do {
      try await engine.submit(job, tags: request.tags)
    } catch  where error.code == .nameTaken {
      throw .alreadyExists(job.arn)
    } catch { throw ServiceError(error) }
    return ["TrainingJobArn": .string(job.arn.description)]
  }

  public func describe(_ name: String) async throws(ServiceError) -> JSON {
    try await job(named: name).describeJSON(now: .now())
  }

  public func list(_ request: ListTrainingJobsRequest) async throws(ServiceError) -> JSON {
    guard !request.matchesNothing else { return request.answer([]) }
    do {
      return request.answer(
        try await store.trainingJobs(matching: ResourceQuery(request, status: request.status?.rawValue)))
    } catch { throw ServiceError(error) }
  }

  public func stop(_ request: StopTrainingJobRequest) async throws(ServiceError) {
    let job = try await job(named: request.name)
    guard !job.status.isTerminal else {
      throw .validation("The request was rejected because the training job is in status \(job.status.rawValue).")
    }
    do {
      try await engine.stop(request.name, graceSeconds: request.graceSeconds)
    } catch { throw ServiceError(error) }
  }

  /// Removes an ended job with its log and folders; its artifacts stay in their bucket, as in SageMaker.
  public func delete(_ name: String) async throws(ServiceError) {
    let job = try await job(named: name)
    guard job.status.isTerminal else {
      throw ServiceError(
        .resourceInUse,
        "Training job \(name) is in status \(job.status.rawValue) and cannot be deleted. Stop it first (\(job.arn)).")
    }
    let home = home
    let trash = "\(home.trash)/\(name)-\(Identifier.random(bytes: 6))"
    do {
      try await threads.run {
        if Files.exists(home.job(name)) { try Files.rename(home.job(name), to: trash) }
      }
    } catch {
      throw ServiceError(.internalFailure, "The folder of training job \(name) cannot be removed: \(error)")
    }
    do { try await store.delete(job) } catch { throw ServiceError(error) }
    wakeBoard.announce(name)
    // What stays behind when this fails is removed at the next start.
    _ = try? await threads.run { try Files.remove(trash) }
  }

  public func update(_ request: UpdateTrainingJobRequest) async throws(ServiceError) -> JSON {
    let job = try await job(named: request.name)
    guard !job.status.isTerminal else {
      throw .validation("The request was rejected because the training job is in status \(job.status.rawValue).")
    }
    if let profiler = request.profilerConfig {
      do {
        try await engine.amend(request.name) { $0["ProfilerConfig"] = profiler }
      } catch { throw ServiceError(error) }
    }
    return ["TrainingJobArn": .string(job.arn.description)]
  }

  // MARK: Helpers of the actions

  /// The job, or the error that clients and waiters know.
  func job(named name: String) async throws(ServiceError) -> TrainingJob {
    do {
      if let job = try await engine.job(named: name) { return job }
    } catch { throw ServiceError(error) }
    throw .validation("Requested resource not found.")
  }

  /// Compiles every regex and tries it against lines that make bad ones backtrack; off the request's own thread.
  private func checkMetricDefinitions(
    _ definitions: [CreateTrainingJobRequest.MetricDefinition]
  ) async throws(ServiceError) {
    guard !definitions.isEmpty else { return }
    do {
      try await threads.run {
        for definition in definitions {
          do { _ = try Pattern(definition.regex) } catch {
            throw ServiceError.validation("Metric definition '\(definition.name)': \(error)")
          }
        }
      }
    } catch let error as ServiceError {
      throw error
    } catch { throw ServiceError(.internalFailure, "\(error)") }
  }

  /// Local data must be there when it is asked for, and must not be the daemon's own state.
  private func checkLocalPaths(of request: CreateTrainingJobRequest) throws(ServiceError) {
    let uris =
      request.channels.map { ("channel \($0.name)", $0.uri) }
      + (request.checkpointURI.map { [("CheckpointConfig", $0)] } ?? [])
    for (place, uri) in uris {
      guard uri.hasPrefix("file://") else { continue }
      let path = String(uri.dropFirst("file://".count))
      guard !home.isPrivate(path) else {
        throw .validation(
          "\(place): \(path) lies in htr's own folder, which jobs may not read. Copy the data elsewhere.")
      }
      guard place != "CheckpointConfig" else { continue }
      guard Files.isReadable(path) else {
        throw .validation("\(place): \(path) does not exist or cannot be read by the user that runs htrd.")
      }
    }
  }
}

extension ServiceError {
  /// What a caller is told when the store says no.
  init(_ error: StoreError) {
    switch error.code {
    case .nameTaken: self.init(.resourceInUse, error.description)
    case .diskFull, .unavailable, .conflict, .newerVersion, .unreadable:
      self.init(.internalFailure, error.description)
    }
  }
}
