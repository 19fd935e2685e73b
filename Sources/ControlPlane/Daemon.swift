import ArtifactStore
import BuiltInAlgorithms
import Glibc
import HostKit
public import JSONKit
import Launching
import Lifecycles
public import Logging
import Persistence
import Resources
import Synchronization
public import Wire
import WorkerContract

/// The daemon's services, wired together. One per HTR_HOME: a lock sees to it.
public final class Daemon: Sendable {
  public static var version: String { Release.version }

  /// What the environment and the command line say.
  public struct Options: Sendable {
    public var home: String
    public var listen: String
    public var account: String
    public var shimExecutable: String
    public var workerExecutable: String

    public init(
      home: String, listen: String, account: String, shimExecutable: String, workerExecutable: String
    ) {
      self.home = home
      self.listen = listen
      self.account = account
      self.shimExecutable = shimExecutable
      self.workerExecutable = workerExecutable
    }
  }

  public let home: Home
  public let settings: Settings
  public let options: Options
  public let accessKey: AccessKey
  public let trainingJobs: TrainingJobService
  public let tags: TagService
  private let parts: DaemonParts
  private let engine: TrainingJobEngine
  private let launcher: ShimLauncher
  private let supervisor: AttemptSupervisor
  private let unreadable: [String]
  private let startedAt = Timestamp.now()
  private let lock: FileLock

  /// Opens everything and takes up every job on record. Throws a `ServiceStartError` that says what is in the way.
  public init(_ options: Options, logger: Logger) async throws {
    self.options = options
    home = Home(path: options.home)
    try home.prepare()
    lock = try Self.lock(home)
    settings = try Settings.load(home.settings)
    accessKey = try AccessKey.load(home.credentials)
    parts = try DaemonParts(options: options, home: home, settings: settings, logger: logger)
    engine = TrainingJobEngine(
      store: parts.store, wakeBoard: parts.wakeBoard, capacity: parts.machine.capacity,
      workQueue: parts.workQueue, logger: logger)
    let listener = NoticeRelay()
    do {
      launcher = try ShimLauncher(
        shimExecutable: options.shimExecutable, noticeSocket: home.noticeSocket,
        onNotice: { listener.pass($0) })
    } catch {
      throw ServiceStartError("The shim \(options.shimExecutable) cannot be started: \(error).")
    }
    supervisor = AttemptSupervisor(parts, engine: engine, launcher: launcher)
    listener.connect(supervisor)
    trainingJobs = TrainingJobService(parts, engine: engine)
    tags = TagService(store: parts.store, engine: engine)
    unreadable = try await Reconciler(parts: parts, engine: engine, supervisor: supervisor).run()
  }

  /// Runs what requests and events have set going, until the surrounding task is cancelled.
  public func run() async { await parts.workQueue.run() }

  /// Records who the daemon is, once its doors are open: what `htrctl daemon stop` looks for.
  public func announce() throws {
    guard let identity = ProcessIdentity(of: getpid()) else { return }
    try ProcessRecord(identity: identity, startedAt: startedAt).write(to: home.daemon, durable: false)
  }

  /// Lets go of the shims, which go on without us.
  public func shutDown() {
    launcher.shutDown()
    // A stale record is harmless: its process is not alive.
    try? Files.remove(home.daemon)
  }

  private static func lock(_ home: Home) throws -> FileLock {
    guard let lock = try FileLock(home.lock) else {
      throw ServiceStartError(
        "Another htrd already runs on \(home.path). Use it, stop it with `htrctl daemon stop`, or set HTR_HOME to another folder."
      )
    }
    return lock
  }

  // MARK: What htr's own routes tell

  public func status() async throws(ServiceError) -> JSON {
    let occupancy = await engine.occupancy
    var counts: [String: Int]
    do { counts = try await parts.store.countTrainingJobs() } catch { throw ServiceError(error) }
    counts["Pending"] = occupancy.waiting
    func slot(_ total: Int64, _ used: Int64) -> JSON { ["Total": .integer(total), "Used": .integer(used)] }
    let (capacity, used) = (occupancy.capacity, occupancy.used)
    return .members([
      "Version": .string(Self.version), "Pid": .integer(Int64(getpid())), "Home": .string(home.path),
      "Listen": .string(options.listen), "Region": .string(settings.region),
      "AccountId": .string(options.account), "StartedAt": .number(startedAt.seconds),
      "Slots": [
        "Cpus": slot(Int64(capacity.cpus), Int64(used.cpus)),
        "MemoryBytes": slot(capacity.memoryBytes, used.memoryBytes),
        "Gpus": slot(Int64(capacity.gpus), Int64(used.gpus)),
      ],
      "TrainingJobs": .object(
        .init(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer(Int64($0.value))) })),
      "UnreadableRecords": unreadable.isEmpty ? nil : .array(unreadable.map { .string($0) }),
    ])
  }

  public func environment() -> JSON {
    [
      "EndpointUrl": .string("http://\(options.listen)"), "AccessKeyId": .string(accessKey.id),
      "SecretAccessKey": .string(accessKey.secret), "Region": .string(settings.region),
      "AccountId": .string(options.account), "Home": .string(home.path),
      "DefaultBucket": .string(settings.defaultBucket),
    ]
  }

  /// Begins to bring an object into the bucket store.
  public func beginUpload(bucket: String, key: String) async throws -> ObjectUpload {
    try await ObjectUpload(
      bucket: bucket, key: key, buckets: parts.buckets, threads: parts.quickThreads, folder: home.uploads)
  }
}

/// Passes notices on once there is somebody to take them; those that come earlier are news of what the start looks at.
private final class NoticeRelay: Sendable {
  private let supervisor = Mutex<AttemptSupervisor?>(nil)

  func connect(_ supervisor: AttemptSupervisor) { self.supervisor.withLock { $0 = supervisor } }

  func pass(_ notice: ShimNotice) { supervisor.withLock { $0 }?.heard(notice) }
}
