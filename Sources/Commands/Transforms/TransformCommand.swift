import ArgumentParser
import Client
import HostKit
import JSONKit

struct TransformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Take many inputs through a model: one output for each.",
    discussion: """
      MODEL is a model's or a training job's name, an s3:// URI, a model.tar.gz or a model's folder. INPUT is a local
      file or folder (names that begin with a dot are left out) or s3://BUCKET/PREFIX; OUTPUT is a local folder or
      s3://BUCKET/PREFIX. Each input's output is called as it is, with .out. The daemon goes on with a job after whatever
      ends it; Ctrl-C leaves the job running (130). Ends with 0 Completed, 1 Failed, 3 Stopped.

      EXAMPLES:
        htrctl transform pages scans/ readings/ --content-type image/jpeg
        htrctl transform words s3://htr/words/ s3://htr/readings --workers 2 --accept application/json
        htrctl transform lines text.jsonl out/ --split line --assemble line --batch single
      """)

  @Argument(help: "The model.") var model: String
  @Argument(help: "A file, a folder or s3://BUCKET/PREFIX.") var input: String
  @Argument(help: ArgumentHelp("A folder or s3://BUCKET/PREFIX.", valueName: "output")) var outputPlace: String
  @OptionGroup(title: "Job") var options: TransformOptions
  @Flag(inversion: .prefixedNo, help: "Return when the job has ended; outputs are fetched then.") var wait = true
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if !wait, !outputPlace.hasPrefix("s3://") {
      throw ValidationError("--no-wait needs an OUTPUT at s3://: nobody would fetch the outputs.")
    }
  }

  func run() throws {
    let client = common.client
    let environment = try client.environment()
    let name = options.name ?? ResourceName.fresh(Files.name(of: model))
    guard ResourceName.isLegal(name) else {
      throw Failure("--name \(name)", "it is no name", advice: "Give 1 to 63 letters, digits and inner hyphens.")
    }
    var undertaking = Undertaking("transform \(model)", client: client)
    let modelName = try options.findModel(model, in: &undertaking, client: client, role: environment.role)
    let place = TransformPlace(bucket: environment.defaultBucket, job: name, client: client)
    do {
      let source = try place.source(of: input)
      let target = place.target(of: outputPlace)
      try create(options.request(name: name, model: modelName, source: source, target: target), name, client)
    } catch {
      // A job that may have been made needs its model.
      if let failure = error as? Failure, failure.status == .unreachable { throw error }
      throw undertaking.takenBack(after: error)
    }
    let finish = TransformFinish(name: name, common: common, folder: place.folder(of: outputPlace))
    try wait ? finish.wait() : finish.detach()
  }

  private func create(_ request: JSON, _ name: String, _ client: DaemonClient) throws {
    do {
      _ = try client.call("CreateTransformJob", request)
    } catch ClientError.interrupted(let reason) {
      throw Failure(
        "transform job \(name)", "the connection to htrd was lost before it answered (\(reason))",
        advice: "It may or may not have been created; look with `htrctl describe transform \(name)`.",
        status: .unreachable)
    }
  }
}

/// How a job is to treat its inputs.
struct TransformOptions: ParsableArguments {
  enum Split: String, ExpressibleByArgument, CaseIterable { case none, line }
  enum Batch: String, ExpressibleByArgument, CaseIterable { case single, multi }

  @Option(help: "The job's name (default: the model's and the time).") var name: String?
  @Option(help: "What serves the model, where it is no model yet.") var image: String?
  @Option(help: ArgumentHelp("What the inputs are.", valueName: "type")) var contentType: String?
  @Option(help: ArgumentHelp("What the outputs are to be.", valueName: "type")) var accept: String?
  @Option(help: "Workers (default: 1).") var workers = 1
  @Option(help: "What a worker needs of the machine (default: local).") var instanceType = "local"
  @Option(help: "Requests that a worker is given at a time.") var concurrency: Int?
  @Option(help: "none: an input is one record; line: each line is one.") var split = Split.none
  @Option(help: "single: a request is one record; multi: as many as fit.") var batch = Batch.multi
  @Option(help: "none: answers are put together as they are; line: each ends its line.") var assemble = Split.none
  @Option(help: ArgumentHelp("The largest request (1 to 100, default 6).", valueName: "MB")) var payload: Int?
  @Option(help: ArgumentHelp("How long one request may take (1 to 3600, default 600).", valueName: "seconds"))
  var requestTimeout: Int?
  @Option(help: "Tries of a request after the first (0 to 3, default 3).") var retries: Int?
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A variable of the workers' environment (repeat).", valueName: "name=value"))
  var env: [Assignment] = []
  @Option(parsing: .singleValue, help: ArgumentHelp("A tag (repeat).", valueName: "key=value")) var tag: [Assignment] =
    []

  /// The name of the model: of one that is there, or of one that is made of what was named.
  func findModel(
    _ text: String, in undertaking: inout Undertaking, client: DaemonClient, role: String
  ) throws -> String {
    let source = try ModelSource.find(text, client: client)
    if case .model(let record) = source.origin, image == nil { return record.name }
    let serving = try ServingOptions.parse([text] + (image.map { ["--image", $0] } ?? []))
    let model = try ServedModel([source], options: serving, client: client)
    // One that an earlier command made of the same.
    for name in model.names {
      // Whatever is in the way of looking, another one can be made.
      if let known = try? client.model(name), known.containers.map(Self.essence) == model.containers.map(Self.essence) {
        return name
      }
    }
    return try model.create(in: &undertaking, role: role, tags: [])
  }

  /// What makes a container: defaults that the daemon fills in do not.
  private static func essence(_ container: JSON) -> [JSON?] {
    let environment = container["Environment"]
    return [container["Image"], container["ModelDataUrl"], environment?.object?.isEmpty == true ? nil : environment]
  }

  func request(name: String, model: String, source: String, target: String) -> JSON {
    let client = JSON.members([
      "InvocationsTimeoutInSeconds": requestTimeout.map { .integer(Int64($0)) },
      "InvocationsMaxRetries": retries.map { .integer(Int64($0)) },
    ])
    let variables = JSON.Object(env.map { ($0.name, .string($0.value)) })
    return .members([
      "TransformJobName": .string(name), "ModelName": .string(model),
      "TransformInput": .members([
        "DataSource": ["S3DataSource": ["S3DataType": "S3Prefix", "S3Uri": .string(source)]],
        "ContentType": contentType.map { .string($0) }, "SplitType": split == .line ? "Line" : "None",
      ]),
      "BatchStrategy": batch == .single ? "SingleRecord" : "MultiRecord",
      "TransformOutput": .members([
        "S3OutputPath": .string(target), "Accept": accept.map { .string($0) },
        "AssembleWith": assemble == .line ? "Line" : "None",
      ]),
      "TransformResources": [
        "InstanceType": .string(instanceType), "InstanceCount": .integer(Int64(workers)),
      ],
      "MaxConcurrentTransforms": concurrency.map { .integer(Int64($0)) },
      "MaxPayloadInMB": payload.map { .integer(Int64($0)) },
      "ModelClientConfig": client.object?.isEmpty == false ? client : nil,
      "Environment": variables.isEmpty ? nil : .object(variables),
      "Tags": tag.isEmpty ? nil : .array(tag.map { ["Key": .string($0.name), "Value": .string($0.value)] }),
    ])
  }
}
