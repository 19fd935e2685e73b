import ArtifactStore
import HostKit
import Launching
import Logging
import Persistence

/// The executables of ours that run as workers.
struct Programs: Sendable {
  /// Trains built-in algorithms, and serves the mock.
  let worker: String
  /// Serves models.
  let inference: String
}

/// What the parts of the daemon share: made once at the start, passed to each.
struct DaemonParts: Sendable {
  let home: Home
  let settings: Settings
  let account: String
  let store: Store
  let buckets: BucketStore
  let remoteBuckets: RemoteBuckets
  let models: ModelStore
  let catalog: RuntimeCatalog
  let machine: Machine
  let logWatch: LogWatch
  let wakeBoard: WakeBoard
  let workQueue: WorkQueue
  /// For work that ends within milliseconds.
  let quickThreads: BlockingThreads
  /// For work that may take as long as the data is large.
  let copyThreads: BlockingThreads
  /// For what waits for an S3 elsewhere.
  let remoteThreads: BlockingThreads
  /// For S3's clients, who may be many: jobs do not wait for them.
  let objectThreads: BlockingThreads
  let layouts: LayoutPool
  let programs: Programs
  let logger: Logger
}
