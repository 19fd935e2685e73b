import ArgumentParser
import Client
import HostKit
import JSONKit

struct FitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "fit",
    abstract: "Start a training job and watch it until it ends.",
    discussion: """
      The job comes from a job file (the body of CreateTrainingJob in YAML or JSON, with ${NAME} and
      ${NAME:-default} filled by --set and the environment), from flags, or from both: flags win.
      Plain paths in a job file (S3Uri, sagemaker_submit_directory) are meant from the file's folder.
      Ctrl-C leaves the job running; `htrctl attach` comes back to it.

      EXAMPLES:
        htrctl fit --entry-point train.py --source-dir src --input train=data \\
            --hyperparameter epochs=3 --metric 'loss=loss: ([0-9.]+)'
        htrctl fit Jobs/mock/job.yaml --set SECONDS_PER_EPOCH=5 --detach
        htrctl fit --algorithm mock --base-name try --output json
        htrctl fit --name list-files --command -- /bin/ls -l
      """)

  @Argument(help: ArgumentHelp("A job file, YAML or JSON.", valueName: "job-file"))
  var jobFile: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A variable of the job file (repeat).", valueName: "name=value"))
  var set: [Assignment] = []

  @OptionGroup(title: "Job") var fit: FitOptions

  @Flag(help: "Return as soon as the job is accepted.")
  var detach = false

  @OptionGroup var common: CommonOptions

  func validate() throws {
    if jobFile == nil, fit.entryPoint == nil, fit.algorithm == nil, fit.words.isEmpty {
      throw ValidationError("Give a job file, --entry-point, --algorithm or --command.")
    }
  }

  func run() throws {
    let template = Template(settings: set, environment: Terminal.current.environment)
    let file = try jobFile.map { try JobFile(path: $0, template: template) }
    let client = common.client
    let request = TrainingRequest(
      options: fit, file: file, environment: try client.environment(), now: .now())
    let name = request.name
    let source = try upload(for: request, name: name, client: client)
    try create(try request.body(name: name, source: source), client)

    if detach {
      try finishDetached(name, client)
    } else {
      if !common.isJSON {
        Terminal.current.note(Terminal.current.styled("Training job \(name) is created.", .dim, on: .notes))
      }
      try Attachment(name: name, client: client, common: common).run()
    }
  }

  /// Packs and stores the sources of a script-mode job; nil for any other job.
  private func upload(
    for request: TrainingRequest, name: String, client: DaemonClient
  ) throws -> (program: String, uri: String)? {
    let bundle: SourceBundle
    if let entryPoint = fit.entryPoint {
      bundle = try SourceBundle(
        entryPoint: entryPoint, sourceFolder: fit.sourceDir, dependencies: fit.dependency)
    } else if let (program, folder) = request.filedSources {
      bundle = try SourceBundle(entryPoint: program, sourceFolder: folder, dependencies: [])
    } else {
      return nil
    }
    let uri = try bundle.packed {
      try client.putObject(
        bucket: request.environment.defaultBucket, key: "\(name)/source/sourcedir.tar.gz", file: $0)
    }
    return (bundle.program, uri)
  }

  private func create(_ body: JSON, _ client: DaemonClient) throws {
    do {
      _ = try client.call("CreateTrainingJob", body)
    } catch ClientError.interrupted(let reason) {
      let name = body["TrainingJobName"]?.string ?? ""
      throw Failure(
        "training job \(name)", "the connection to htrd was lost before it answered (\(reason))",
        advice: "It may or may not have been created; look with `htrctl describe \(name)`.",
        status: .unreachable)
    }
  }

  private func finishDetached(_ name: String, _ client: DaemonClient) throws {
    if common.isJSON {
      printJSON(try client.trainingJob(name).described)
    } else {
      Terminal.current.print(name)
      Terminal.current.note("Watch it with: htrctl attach \(name)\(common.homeArgument)")
    }
  }
}
