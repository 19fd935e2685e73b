import ArtifactStore
import HostKit
public import JSONKit
import Launching
import Lifecycles
import Persistence
import Resources
public import Wire

/// The transform-job actions of SageMaker's API, and htr's own additions to them.
public struct TransformJobService: Sendable {
  let engine: TransformJobEngine
  let supervisor: TransformSupervisor
  let store: Store
  let home: Home
  let wakeBoard: WakeBoard
  let logWatch: LogWatch
  let workQueue: WorkQueue
  private let buckets: BucketStore
  private let threads: BlockingThreads
  private let models: ModelService
  private let machine: Machine
  private let account: String

  init(_ parts: DaemonParts, engine: TransformJobEngine, supervisor: TransformSupervisor, models: ModelService) {
    self.engine = engine
    self.supervisor = supervisor
    self.models = models
    buckets = parts.buckets
    threads = parts.quickThreads
    store = parts.store
    home = parts.home
    wakeBoard = parts.wakeBoard
    logWatch = parts.logWatch
    workQueue = parts.workQueue
    machine = parts.machine
    account = parts.account
  }

  public func create(_ request: CreateTransformJobRequest, region: String) async throws(ServiceError) -> JSON {
    _ = try machine.demand(of: request.instanceType, at: "transformResources.instanceType")
    let model = try await models.model(named: request.modelName, region: region)
    let now = Timestamp.now()
    let job = TransformJob(
      id: store.nextID(at: now), name: request.name, region: region, account: account, request: request.json,
      containers: model.containers, createdAt: now)
    do {
      try await engine.submit(job, tags: request.tags)
    } catch  where error.code == .nameTaken {
      throw .alreadyExists(job.arn)
    } catch { throw ServiceError(error) }
    return ["TransformJobArn": .string(job.arn.description)]
  }

  public func describe(_ request: TransformJobNameRequest) async throws(ServiceError) -> JSON {
    try await job(named: request.name).describeJSON
  }

  public func list(_ request: ListTransformJobsRequest) async throws(ServiceError) -> JSON {
    do {
      return request.answer(
        try await store.transformJobs(matching: ResourceQuery(request, status: request.status?.rawValue)))
    } catch { throw ServiceError(error) }
  }

  /// Outputs that are there stay there.
  public func stop(_ request: TransformJobNameRequest) async throws(ServiceError) {
    let job = try await job(named: request.name)
    guard !job.status.isTerminal else {
      throw .validation("The request was rejected because the transform job is in status \(job.status.rawValue).")
    }
    do { try await engine.apply(.stopRequested, to: request.name) } catch { throw ServiceError(error) }
  }

  /// The job, or the error that clients and waiters know.
  func job(named name: String) async throws(ServiceError) -> TransformJob {
    do {
      if let job = try await engine.job(named: name) { return job }
    } catch { throw ServiceError(error) }
    throw .couldNotFind(AmazonResourceName(region: "", account: account, kind: .transformJob, name: name))
  }
}

/// Watching: answered by the event itself, never by looking again and again.
extension TransformJobService {
  /// The record as soon as it is newer than the given version, or as it is when the time is over.
  public func watch(_ name: String, newerThan version: Int64?, seconds: Double) async throws(ServiceError) -> JSON {
    let changes = wakeBoard.changes(of: [TransformJobEngine.topic(name)])
    if let version {
      _ = try await wakeBoard.isTrue(within: seconds, lookingAgainAt: changes) { [self] in
        let job = try await job(named: name)
        // A job that has ended will not get newer.
        return job.version > version || job.status.isTerminal
      }
    }
    return try await report(on: job(named: name))
  }

  public func events(_ name: String) async throws(ServiceError) -> JSON {
    let job = try await job(named: name)
    do { return .events(try await store.events(ofTransformJob: job)) } catch { throw ServiceError(error) }
  }

  /// The log of one of its workers, from 1; with `follows` until the job has ended and every byte is told.
  public func log(
    _ name: String, worker: Int, from offset: UInt64, follows: Bool
  ) async throws(ServiceError) -> ResourceLog {
    let subscription = wakeBoard.subscribe(to: [TransformJobEngine.topic(name)])
    let job = try await job(named: name)
    do {
      // The follower waits in the folder until the log is there.
      if !job.status.isTerminal { try Files.makeFolder(home.transform(name)) }
    } catch { throw ServiceError(.internalFailure, "\(error)") }
    guard Files.exists(home.transform(name)) else { return ResourceLog(follower: nil, subscription: subscription) }
    let place = TransformCrew.place(worker, of: name)
    let follower = logWatch.follow(path: home.workerLog(place), from: offset)
    let log = ResourceLog(follower: follower, subscription: subscription)
    guard follows, !job.status.isTerminal else {
      follower.end()
      return log
    }
    workQueue.add { [engine] in
      await ResourceLog.end(follower, at: subscription) {
        // A record that is gone or cannot be read ends the stream; a client whose job goes on asks again.
        (try? await engine.job(named: name))?.status.isTerminal ?? true
      }
    }
    return log
  }

  /// A page of the objects below the job's output path, with the places of their bytes on this machine.
  public func outputs(_ name: String, after: String) async throws(ServiceError) -> JSON {
    let path = try await job(named: name).request["TransformOutput"]?["S3OutputPath"]?.string ?? ""
    guard let base = ObjectAddress(outputPath: path) else { return ["Outputs": []] }
    do {
      let rows = try await threads.run { [buckets] in
        guard buckets.bucketExists(base.bucket) else { return [JSON]() }
        let from = after.isEmpty ? "" : base.key + after
        return try buckets.list(base.bucket, prefix: base.key, after: from).compactMap { object in
          let address = ObjectAddress(bucket: base.bucket, key: object.key)
          guard let name = String(object.key.utf8.dropFirst(base.key.utf8.count)),
            let path = try buckets.path(of: address)
          else { return nil }
          return ["Name": .string(name), "Path": .string(path), "Size": .integer(object.size)]
        }
      }
      return ["Outputs": .array(rows)]
    } catch { throw ServiceError(.internalFailure, "The outputs at \(path) cannot be listed: \(error)") }
  }

  /// What SageMaker's answer has no member for stands beside it, under "Htr".
  private func report(on job: TransformJob) async throws(ServiceError) -> JSON {
    var progress = job.progress
    if !job.status.isTerminal {
      do {
        let now = try await store.progress(ofTransformJob: job.id)
        progress = TransformJob.Progress(total: job.progress.total, done: now.done, failed: now.failed)
      } catch { throw ServiceError(error) }
    }
    let workers = await supervisor.reports(of: job.name)
    let reason = await supervisor.waitingReason(of: job.name)
    return [
      "Version": .integer(job.version), "TransformJob": job.describeJSON,
      "Htr": .members([
        "Objects": job.isPlanned
          ? [
            "Total": .integer(Int64(progress.total)), "Done": .integer(Int64(progress.done)),
            "Failed": .integer(Int64(progress.failed)),
          ] : nil,
        "WaitingFor": reason.map { .string($0) },
        "Workers": .array(workers.map { $0.json(logPath: home.workerLog($0.place)) }),
        "LogPath": .string(home.workerLog(TransformCrew.place(1, of: job.name))),
      ]),
    ]
  }
}
