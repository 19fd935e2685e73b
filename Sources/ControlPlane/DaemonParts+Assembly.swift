import ArtifactStore
import BuiltInAlgorithms
import Launching
import Logging
import Persistence

extension DaemonParts {
  /// Opens the store and makes what the services share.
  init(options: Daemon.Options, home: Home, settings: Settings, logger: Logger) throws {
    let store: Store
    do { store = try Store(path: home.database) } catch { throw ServiceStartError("\(error)") }
    let buckets = BucketStore(root: home.buckets)
    self.init(
      home: home, settings: settings, account: options.account, store: store,
      buckets: buckets, remoteBuckets: RemoteBuckets(settings.remoteStorage, buckets: buckets),
      models: ModelStore(folder: home.models),
      catalog: RuntimeCatalog(settings: settings, algorithms: AlgorithmRegistry.all.map { $0.name }),
      machine: Machine(settings: settings), logWatch: try LogWatch(), wakeBoard: WakeBoard(),
      workQueue: WorkQueue(), quickThreads: BlockingThreads(name: "htr-disk", count: 4),
      copyThreads: BlockingThreads(name: "htr-copy", count: 4),
      remoteThreads: BlockingThreads(name: "htr-remote", count: 4),
      objectThreads: BlockingThreads(name: "htr-object", count: 8),
      layouts: LayoutPool(folder: home.layouts),
      programs: Programs(worker: options.workerExecutable, inference: options.inferenceExecutable), logger: logger)
  }
}
