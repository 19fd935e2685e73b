import ArtifactStore
import BuiltInAlgorithms
import Glibc
import HostKit
public import JSONKit
import Launching
import Lifecycles
public import Logging
import NIOPosix
import Persistence
import Resources
public import Serving
public import Signing
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
    public var inferenceExecutable: String

    public init(
      home: String, listen: String, account: String, shimExecutable: String, workerExecutable: String,
      inferenceExecutable: String
    ) {
      self.home = home
      self.listen = listen
      self.account = account
      self.shimExecutable = shimExecutable
      self.workerExecutable = workerExecutable
      self.inferenceExecutable = inferenceExecutable
    }
  }

  public let home: Home
  public let settings: Settings
  public let options: Options
  public let accessKey: AccessKey
  /// The access key, and the keys of sessions made from it.
  public let keys: KeyRing
  public let trainingJobs: TrainingJobService
  public let tags: TagService
  public let search: SearchService
  public let securityTokens: SecurityTokenService
  public let directory: DirectoryService
  public let models: ModelService
  public let endpointConfigs: EndpointConfigService
  public let endpoints: EndpointService
  public let transformJobs: TransformJobService
  public let asyncInvocations: AsyncInvocationService
  /// The object store for S3's clients.
  public let objects: ObjectService
  public let housekeeping: HousekeepingService
  public let logs: LogService
  public let metrics: MetricService
  /// Answers InvokeEndpoint.
  public let router: InvocationRouter
  private let parts: DaemonParts
  private let engine: TrainingJobEngine
  private let launcher: ShimLauncher
  private let supervisor: AttemptSupervisor
  private let endpointEngine: EndpointEngine
  private let endpointSupervisor: EndpointSupervisor
  private let transformEngine: TransformJobEngine
  private let transformSupervisor: TransformSupervisor
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
    keys = KeyRing(Credentials(accessKeyId: accessKey.id, secretAccessKey: accessKey.secret))
    parts = try DaemonParts(options: options, home: home, settings: settings, logger: logger)
    engine = TrainingJobEngine(
      store: parts.store, wakeBoard: parts.wakeBoard, capacity: parts.machine.capacity,
      workQueue: parts.workQueue, logger: logger)
    endpointEngine = EndpointEngine(parts)
    let listener = NewsRelay()
    do {
      launcher = try ShimLauncher(
        shimExecutable: options.shimExecutable, noticeSocket: home.noticeSocket,
        onNotice: { listener.pass($0) })
    } catch {
      throw ServiceStartError("The shim \(options.shimExecutable) cannot be started: \(error).")
    }
    supervisor = AttemptSupervisor(parts, engine: engine, launcher: launcher)
    router = InvocationRouter(
      settings: RouterSettings(settings, account: options.account), group: MultiThreadedEventLoopGroup.singleton,
      onTrouble: { listener.pass($1, of: $0) })
    let workers = WorkerContext(parts, router: router, launcher: launcher)
    endpointSupervisor = EndpointSupervisor(parts, engine: endpointEngine, context: workers)
    transformEngine = TransformJobEngine(parts)
    transformSupervisor = TransformSupervisor(
      parts, engine: transformEngine, slots: engine, workers: workers)
    listener.connect(supervisor, endpointSupervisor, parts.workQueue)
    trainingJobs = TrainingJobService(parts, engine: engine)
    models = ModelService(parts)
    endpointConfigs = EndpointConfigService(parts, models: models)
    endpoints = EndpointService(
      parts, engine: endpointEngine, supervisor: endpointSupervisor, configs: endpointConfigs)
    transformJobs = TransformJobService(
      parts, engine: transformEngine, supervisor: transformSupervisor, models: models)
    asyncInvocations = AsyncInvocationService(
      parts, engine: endpointEngine, queue: AsyncInvocationQueue(parts, engine: endpointEngine, router: router))
    tags = TagService(store: parts.store)
    search = SearchService(parts, endpoints: endpoints)
    let account = Account(
      id: options.account, createdAt: try Files.status(home.credentials)?.modified ?? startedAt)
    securityTokens = SecurityTokenService(account: account, keys: keys)
    directory = DirectoryService(account: account)
    objects = ObjectService(parts)
    housekeeping = HousekeepingService(parts)
    logs = LogService(parts)
    metrics = MetricService(store: parts.store)
    unreadable = try await Reconciler(
      parts: parts, engine: engine, supervisor: supervisor, endpointEngine: endpointEngine,
      endpointSupervisor: endpointSupervisor, transformEngine: transformEngine,
      transformSupervisor: transformSupervisor
    ).run()
    asyncInvocations.queue.resume()
  }

  /// Runs what requests and events have set going, until the surrounding task is cancelled.
  public func run() async {
    let recorder = FigureRecorder(router: router, engine: endpointEngine, store: parts.store, logger: parts.logger)
    parts.workQueue.add { await recorder.run() }
    let rotation = LogRotation(path: home.ownLog, logger: parts.logger)
    parts.workQueue.add { await rotation.run() }
    await parts.workQueue.run()
  }

  /// The endpoints' figures in Prometheus' text form.
  public func metrics() async -> String {
    PrometheusText.render(router.figures(), WorkerGauges.gauges(await endpointSupervisor.allWorkers()))
  }

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
    let (endpoints, transforms): ([String: Int], [String: Int])
    do {
      endpoints = try await parts.store.countEndpoints()
      transforms = try await parts.store.countTransformJobs()
    } catch { throw ServiceError(error) }
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
      "TrainingJobs": Self.counts(counts), "Endpoints": Self.counts(endpoints),
      "TransformJobs": Self.counts(transforms),
      "UnreadableRecords": unreadable.isEmpty ? nil : .array(unreadable.map { .string($0) }),
    ])
  }

  private static func counts(_ counts: [String: Int]) -> JSON {
    .object(.init(counts.sorted { $0.key < $1.key }.map { ($0.key, .integer(Int64($0.value))) }))
  }

  public func environment() -> JSON {
    [
      "EndpointUrl": .string("http://\(options.listen)"), "AccessKeyId": .string(accessKey.id),
      "SecretAccessKey": .string(accessKey.secret), "Region": .string(settings.region),
      "AccountId": .string(options.account), "Home": .string(home.path),
      "DefaultBucket": .string(settings.defaultBucket),
    ]
  }
}

/// Passes news of workers on once there is somebody to take it; what comes earlier is news of what the start looks at.
private final class NewsRelay: Sendable {
  private struct Listeners {
    let attempts: AttemptSupervisor
    let endpoints: EndpointSupervisor
    let workQueue: WorkQueue
  }

  private let listeners = Mutex<Listeners?>(nil)

  func connect(_ attempts: AttemptSupervisor, _ endpoints: EndpointSupervisor, _ workQueue: WorkQueue) {
    listeners.withLock { $0 = Listeners(attempts: attempts, endpoints: endpoints, workQueue: workQueue) }
  }

  func pass(_ notice: ShimNotice) {
    guard let listeners = listeners.withLock({ $0 }) else { return }
    // What the workers of transform jobs use is told nowhere.
    if TransformSupervisor.isToken(notice.token) { return }
    guard EndpointSupervisor.isToken(notice.token) else { return listeners.attempts.heard(notice) }
    listeners.workQueue.add { await listeners.endpoints.heard(notice) }
  }

  func pass(_ trouble: WorkerTrouble, of token: String) {
    guard let listeners = listeners.withLock({ $0 }) else { return }
    listeners.workQueue.add { await listeners.endpoints.heard(of: token, trouble) }
  }
}

extension RouterSettings {
  fileprivate init(_ settings: Settings, account: String) {
    self.init()
    self.account = account
    largestBody = Int(settings.invocationMiB << 20)
    // Room for a few of the largest.
    bytesInHand = max(bytesInHand, 4 * largestBody)
  }
}
