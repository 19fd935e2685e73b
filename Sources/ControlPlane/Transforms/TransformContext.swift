import ArtifactStore
import Launching
import Logging
import Persistence

/// What the work on all transform jobs shares.
struct TransformContext: Sendable {
  let engine: TransformJobEngine
  /// Keeps the line for slots.
  let slots: TrainingJobEngine
  let machine: Machine
  let workers: WorkerContext
  let leftovers: EndpointLeftovers
  let catalog: ServingCatalog
  let home: Home
  let store: Store
  let buckets: BucketStore
  let remote: RemoteBuckets
  let threads: BlockingThreads
  let remoteThreads: BlockingThreads
  let logger: Logger

  init(_ parts: DaemonParts, engine: TransformJobEngine, slots: TrainingJobEngine, workers: WorkerContext) {
    self.engine = engine
    self.slots = slots
    machine = parts.machine
    self.workers = workers
    leftovers = EndpointLeftovers(home: parts.home, launcher: workers.launcher, threads: parts.quickThreads)
    catalog = ServingCatalog(settings: parts.settings)
    home = parts.home
    store = parts.store
    buckets = parts.buckets
    remote = parts.remoteBuckets
    threads = parts.copyThreads
    remoteThreads = parts.remoteThreads
    logger = parts.logger
  }

  /// Does what must be done until it succeeds: a full disk may have room again. Throws only when the task is cancelled.
  func insist<Result: Sendable>(
    on what: String, _ body: @Sendable () async throws -> Result
  ) async throws(CancellationError) -> Result {
    while true {
      do { return try await body() } catch {
        // What a cancelled task asks of the store fails for that reason alone.
        if Task.isCancelled { throw CancellationError() }
        logger.error("cannot \(what); trying again", metadata: ["error": "\(error)"])
      }
      do { try await Task.sleep(for: .seconds(1)) } catch { throw CancellationError() }
    }
  }
}
