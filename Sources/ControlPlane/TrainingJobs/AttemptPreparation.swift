import ArchiveKit
import ArtifactStore
import BuiltInAlgorithms
import HostKit
import JSONKit
import Resources
import Wire
import WorkerContract

/// Turns a job's request into an attempt's folder that is ready to run: code, data, checkpoints, configuration and, as
/// the last thing, the spec. Repeating it is harmless; with a spec in place there is nothing to do.
struct AttemptPreparation: Sendable {
  /// Why the job cannot run as it was asked.
  struct Refusal: Error {
    let failure: Failure
    var isCancellation = false

    init(_ message: String) { failure = Failure(.client, message) }

    static var cancelled: Refusal {
      var refusal = Refusal("The job was stopped before its worker started.")
      refusal.isCancellation = true
      return refusal
    }
  }

  private let home: Home
  private let settings: Settings
  private let catalog: RuntimeCatalog
  private let data: DataPreparation
  private let workerExecutable: String
  private let layouts: LayoutPool

  init(_ parts: DaemonParts) {
    home = parts.home
    settings = parts.settings
    catalog = parts.catalog
    data = DataPreparation(home: parts.home, buckets: parts.buckets, remote: parts.remoteBuckets)
    workerExecutable = parts.programs.worker
    layouts = parts.layouts
  }

  /// True when the preparation may take long, because it moves data.
  func copiesData(_ job: TrainingJob) -> Bool {
    job.request["InputDataConfig"] != nil || job.request["CheckpointConfig"] != nil
      || job.request["HyperParameters"]?["sagemaker_submit_directory"] != nil
  }

  func prepare(
    _ job: TrainingJob, _ attempt: TrainingJob.Attempt, _ folder: AttemptFolder,
    cancellation: Cancellation, progress: @escaping @Sendable (String) -> Void
  ) throws {
    if isPrepared(folder) { return }
    let request = try CreateTrainingJobRequest(json: job.request)
    let layout = TrainingLayout(base: folder.base)
    try Files.makeFolder(folder.path)
    try layouts.lend(to: layout)
    try layouts.lendPipe(to: folder.output)
    try data.restoreCheckpoints(of: request, to: layout)
    try data.extractSource(of: request, to: layout)
    try data.fillChannels(of: request, layout, cancellation: cancellation, progress: progress)
    guard !cancellation.isCancelled else { throw Refusal.cancelled }
    let context = context(job, request, layout)
    try Files.writeInPlace(InputConfig.hyperparametersJSON(context), to: layout.hyperparameters)
    try Files.writeInPlace(InputConfig.inputDataConfigJSON(context), to: layout.inputDataConfig)
    try Files.writeInPlace(InputConfig.resourceConfigJSON(context), to: layout.resourceConfig)
    let spec = try spec(job, attempt, request, context)
    // Not synced: after a power cut the folder is prepared again, unless its worker has started.
    try spec.write(to: folder.spec, durable: false)
  }

  /// Prepared in this run of the kernel, or used already: then it is too late for changes.
  private func isPrepared(_ folder: AttemptFolder) -> Bool {
    if Files.exists(folder.worker) || Files.exists(folder.workerExit) { return true }
    // A spec that cannot be read only costs preparing the folder again.
    return (try? LaunchSpec.read(folder.spec))?.boot == Boot.id
  }

  private func context(
    _ job: TrainingJob, _ request: CreateTrainingJobRequest, _ layout: TrainingLayout
  ) -> TrainingContext {
    TrainingContext(
      jobName: job.name, jobArn: job.arn.description, region: job.region,
      image: request.image ?? request.algorithmName ?? "", instanceType: request.instanceType,
      cpus: job.demand.cpus, gpus: job.demand.gpus, hyperparameters: request.hyperparameters,
      channels: request.channels.map {
        TrainingContext.Channel(
          name: $0.name, inputMode: $0.inputMode ?? request.inputMode, contentType: $0.contentType,
          recordWrapper: $0.recordWrapper,
          distribution: $0.isSharded ? "ShardedByS3Key" : "FullyReplicated")
      },
      environment: request.environment, layout: layout)
  }

  private func spec(
    _ job: TrainingJob, _ attempt: TrainingJob.Attempt, _ request: CreateTrainingJobRequest,
    _ context: TrainingContext
  ) throws -> LaunchSpec {
    let path = request.environment["PATH"] ?? ProgramSearch.path
    let command = try command(for: request, context)
    let remaining = Double(request.maximumRuntimeSeconds) - job.secondsTrained(now: .now())
    return LaunchSpec(
      token: attempt.token,
      executable: try find(command.executable, path: path, from: command.workingFolder),
      arguments: command.arguments,
      environment: command.isScript
        ? ScriptMode.environment(context, path: path) : PlainEnvironment.variables(context, path: path),
      workingFolder: command.workingFolder, log: home.log(job.name), logIndex: home.logIndex(job.name),
      noticeSocket: home.noticeSocket, maximumRuntimeSeconds: max(1, remaining),
      stopGraceSeconds: settings.stopGraceSeconds, memoryLimitBytes: job.demand.memoryBytes,
      logLimitBytes: settings.logLimitMiB << 20, sampleSeconds: settings.sampleSeconds,
      packsModel: request.compressesModel)
  }

  private struct Command {
    let executable: String
    let arguments: [String]
    let workingFolder: String
    let isScript: Bool
  }

  private func command(
    for request: CreateTrainingJobRequest, _ context: TrainingContext
  ) throws -> Command {
    switch try catalog.runtime(for: request) {
    case .builtin(let algorithm):
      return Command(
        executable: workerExecutable, arguments: ["train", algorithm],
        workingFolder: context.layout.code, isScript: false)
    case .command(let words):
      return Command(
        executable: words[0], arguments: Array(words.dropFirst()), workingFolder: context.layout.code,
        isScript: false)
    case .script(let python):
      do {
        let command = try ScriptMode.command(
          context, source: try ScriptMode.Source(of: context), python: python,
          requirements: .init(settings, wheels: home.wheels))
        return Command(
          executable: command.executable, arguments: command.arguments,
          workingFolder: command.workingFolder, isScript: true)
      } catch { throw Refusal("\(error)") }
    }
  }

  private func find(_ program: String, path: String, from folder: String) throws -> String {
    do { return try ProgramSearch.find(program, path: path, from: folder) } catch { throw Refusal("\(error)") }
  }
}
