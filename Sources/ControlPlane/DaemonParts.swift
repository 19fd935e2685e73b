import ArtifactStore
import HostKit
import Launching
import Logging
import Persistence

/// What the parts of the daemon share: made once at the start, passed to each.
struct DaemonParts: Sendable {
  let home: Home
  let settings: Settings
  let account: String
  let store: Store
  let buckets: BucketStore
  let catalog: RuntimeCatalog
  let machine: Machine
  let logWatch: LogWatch
  let wakeBoard: WakeBoard
  let workQueue: WorkQueue
  /// For work that ends within milliseconds.
  let quickThreads: BlockingThreads
  /// For work that may take as long as the data is large.
  let copyThreads: BlockingThreads
  let layouts: LayoutPool
  let workerExecutable: String
  let logger: Logger
}
