import ArchiveKit
import ArtifactStore
import Glibc
import HostKit
import JSONKit
import Resources
import Serving
import Wire
import WorkerContract

/// Makes the folders of a worker's processes ready to run: the model unpacked and checked, the spec as the last thing.
struct WorkerPreparation: Sendable {
  private let home: Home
  private let settings: Settings
  private let account: String
  private let machine: Machine
  private let catalog: ServingCatalog
  private let archives: ModelArchives
  private let models: ModelStore
  private let programs: Programs

  /// No name of a training job begins so.
  static let tokenPrefix = "/endpoints/"
  static let transformTokenPrefix = "/transforms/"

  init(_ parts: DaemonParts) {
    home = parts.home
    settings = parts.settings
    account = parts.account
    machine = parts.machine
    catalog = ServingCatalog(settings: parts.settings)
    archives = ModelArchives(home: parts.home, buckets: parts.buckets, remote: parts.remoteBuckets)
    models = parts.models
    programs = parts.programs
  }

  /// The processes of the place's present worker if they still run, else those of a new one.
  /// - Throws: `WorkerRefusal` when no worker can ever be made of it.
  func prepare(_ place: WorkerPlace, _ variant: Deployment.Variant) throws -> [WorkerProcess] {
    let folder = home.attempts(at: place)
    let stages = try stages(of: variant)
    let last = Files.exists(folder) ? try Files.names(in: folder).compactMap { Int($0) }.max() ?? 0 : 0
    let prepared = stages.indices.compactMap { WorkerProcess(preparedIn: Self.attempt(last, stage: $0, in: folder)) }
    // One stage that has ended ends the others in good order: nobody else would.
    if prepared.count == stages.count, prepared.contains(where: { !$0.hasEnded }) { return prepared }
    for stage in stages.indices where last > 0 {
      try WorkerProcess.discard(Self.attempt(last, stage: stage, in: folder))
    }
    try Files.remove(folder)
    try Files.makeFolder(Files.parent(of: home.workerLog(place)))
    try turnLog(of: place)
    return try stages.indices.map { stage in
      let attempt = Self.attempt(last + 1, stage: stage, in: folder)
      do { return try prepare(stages[stage], in: attempt, for: place, variant) } catch let error as ModelStoreError {
        throw error.isArchiveFault ? WorkerRefusal("\(error)") : error
      } catch let error as ServiceError { throw WorkerRefusal(error.message) } catch let error as ScriptModeError {
        throw WorkerRefusal(error.description)
      }
    }
  }

  /// A full log would end the next worker as it has ended the last one: it makes room for a new one.
  private func turnLog(of place: WorkerPlace) throws {
    let log = home.workerLog(place)
    guard let size = try Files.status(log)?.size, size >= settings.logLimitMiB << 20 else { return }
    try Files.rename(log, to: "\(log).1", durable: false)
    try Files.remove(home.workerLogIndex(place))
  }

  /// Removes what an ended worker leaves, but for its log.
  func tidy(_ processes: [WorkerProcess]) {
    // What stays behind is removed before the next worker of the place is made, or with the endpoint.
    for process in processes { try? WorkerProcess.discard(process.folder) }
  }

  private static func attempt(_ number: Int, stage: Int, in folder: String) -> AttemptFolder {
    AttemptFolder(path: "\(folder)/\(number)/\(stage)")
  }

  // MARK: Stages

  /// One process of a worker: usually one container. A model that finds words and one that reads them, one after the
  /// other, make one process, which reads whole pages.
  private struct Stage {
    let containers: [Model.Container]
    let runtime: ServingRuntime
  }

  private func stages(of variant: Deployment.Variant) throws -> [Stage] {
    let stages = try variant.containers.map { Stage(containers: [$0], runtime: try catalog.runtime(of: $0.image)) }
    let page = [ServingRuntime.segmentation, ServingRuntime.recognition]
    guard stages.map(\.runtime) == page.map({ .builtin(algorithms: [$0]) }) else { return stages }
    return [Stage(containers: variant.containers, runtime: .builtin(algorithms: Set(page)))]
  }

  // MARK: One process

  private func prepare(
    _ stage: Stage, in attempt: AttemptFolder, for place: WorkerPlace, _ variant: Deployment.Variant
  ) throws -> WorkerProcess {
    let demand = try machine.demand(of: variant.config.instanceType, at: "productionVariants.instanceType")
    let random = Identifier.random(bytes: 4)
    let prefix = place.owner == .endpoint ? Self.tokenPrefix : Self.transformTokenPrefix
    let token =
      "\(prefix)\(place.endpoint)/\(place.path)/\(Files.name(of: Files.parent(of: attempt.path)))/\(random)"
    let socket = home.socket(random)
    let layout = ServingLayout(base: attempt.base)
    for folder in layout.folders { try Files.makeFolder(folder) }
    let container = stage.containers[0]
    var context = ServingContext(
      endpointName: place.endpoint, variantName: place.variant, region: settings.region, account: account,
      instanceType: variant.config.instanceType, cpus: demand.cpus, gpus: demand.gpus,
      environment: container.environment, layout: layout, socket: socket)
    let command = try command(stage, &context)
    let spec = LaunchSpec(
      token: token,
      executable: try ProgramSearch.find(
        command.executable, path: searchPath(of: container), from: command.workingFolder),
      arguments: command.arguments, environment: ServingEnvironment.variables(context, path: searchPath(of: container)),
      workingFolder: command.workingFolder, log: home.workerLog(place), logIndex: home.workerLogIndex(place),
      noticeSocket: home.noticeSocket, stopGraceSeconds: settings.drainSeconds, memoryLimitBytes: demand.memoryBytes,
      logLimitBytes: settings.logLimitMiB << 20, sampleSeconds: settings.sampleSeconds, packsModel: false)
    try spec.write(to: attempt.spec, durable: false)
    guard let process = WorkerProcess(preparedIn: attempt) else {
      throw SystemError("prepare", attempt.path, code: EIO)
    }
    return process
  }

  private func searchPath(of container: Model.Container) -> String {
    container.environment["PATH"] ?? ProgramSearch.path
  }

  private func command(_ stage: Stage, _ context: inout ServingContext) throws -> ScriptMode.Command {
    let layout = context.layout
    switch stage.runtime {
    case .builtin(let algorithms):
      let folders = try stage.containers.map { try unpacked($0).folder }
      try ModelKind.check(folders, serve: algorithms)
      let models = folders.flatMap { ["--model", $0] }
      return .init(
        executable: programs.inference,
        arguments: models + ["--socket", context.socket, "--threads", "\(context.cpus)"], workingFolder: layout.base)
    case .mock:
      return .init(
        executable: programs.worker,
        arguments: ["serve", "mock", "--model", try unpacked(stage.containers[0]).folder, "--socket", context.socket],
        workingFolder: layout.base)
    case .script(let python):
      try copyModel(of: stage.containers[0], to: layout)
      context.codeFolder = try codeFolder(of: stage.containers[0], layout)
      let script = "\(layout.base)/serve.py"
      try Files.writeInPlace(String(decoding: PackageResources.serve_py, as: UTF8.self), to: script)
      return try ServingScript.command(
        python: python, script: script, context, requirements: .init(settings, wheels: home.wheels))
    case .command:
      try copyModel(of: stage.containers[0], to: layout)
      context.port = try FreePort.find()
      let words = try ServingCommand.words(stage.containers[0], layout)
      return .init(executable: words[0], arguments: Array(words.dropFirst()), workingFolder: layout.model)
    }
  }

  // MARK: Models

  private func unpacked(_ container: Model.Container) throws -> UnpackedModel {
    guard let uri = container.dataURI, let sha256 = container.sha256 else {
      throw WorkerRefusal("The image \(container.image) serves a model: give the model a ModelDataUrl.")
    }
    guard let path = try archives.path(of: uri) else {
      throw WorkerRefusal("There is no archive at \(uri) any more.")
    }
    return try models.unpack(path, sha256: sha256)
  }

  /// Programs that are not ours get a copy of their own: they may write into it.
  private func copyModel(of container: Model.Container, to layout: ServingLayout) throws {
    guard container.dataURI != nil else { return try Files.makeFolder(layout.model) }
    try models.copy(try unpacked(container), to: layout.model)
  }

  /// What lies in the archive that SAGEMAKER_SUBMIT_DIRECTORY names; nil when it names none.
  private func codeFolder(of container: Model.Container, _ layout: ServingLayout) throws -> String? {
    guard let uri = container.environment["SAGEMAKER_SUBMIT_DIRECTORY"], uri.hasPrefix("s3://") else { return nil }
    try archives.bring(uri)
    guard let archive = try archives.path(of: uri) else {
      throw WorkerRefusal("There is nothing at \(uri) (SAGEMAKER_SUBMIT_DIRECTORY).")
    }
    let folder = "\(layout.base)/code"
    do {
      try Files.makeFolder(folder)
      _ = try ArchiveExtractor.extract(archive, into: folder)
      return folder
    } catch let error as ArchiveError {
      throw WorkerRefusal("The source archive \(uri) cannot be unpacked: \(error)")
    }
  }
}
