import ArgumentParser
import Client

/// What an endpoint is to serve, and how: shared by `deploy` and `update`.
struct ServingOptions: ParsableArguments {
  @Argument(
    help: ArgumentHelp(
      "A training job's or a model's name, an s3:// URI, a model.tar.gz or a model's folder. Two (word segmentation "
        + "and text recognition) make an endpoint that reads pages.", valueName: "source"))
  var sources: [String] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("The latest Completed job whose name begins so (twice for two).", valueName: "prefix"))
  var latest: [String] = []

  @Option(help: "What serves the model (default: what the training image, or the archive's content, stands for).")
  var image: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A variable of the workers' environment (repeat).", valueName: "name=value"))
  var env: [Assignment] = []

  @Option(help: "The Python file with model_fn and its kin; goes into the archive as code/.")
  var entryPoint: String?

  @Option(help: "The folder that goes with the entry point.")
  var sourceDir: String?

  @Option(help: "Workers of the variant (default: 1, or as many as it has).")
  var instances: Int?

  @Option(help: "What a worker needs of the machine (default: local).")
  var instanceType: String?

  @Option(help: "The production variant (default: AllTraffic, or the only one there is).")
  var variant: String?

  @Option(help: "Its share of the requests is this by the sum of all weights (default: 1).")
  var weight: Double?

  @Option(help: ArgumentHelp("How long a worker may take until it answers (60 to 3600).", valueName: "seconds"))
  var startupTimeout: Int?

  @Option(parsing: .singleValue, help: ArgumentHelp("A tag (repeat).", valueName: "key=value"))
  var tag: [Assignment] = []

  @Flag(inversion: .prefixedNo, help: "Return when the endpoint is in service, or has failed.")
  var wait = true

  func validate() throws {
    guard (1...2).contains(sources.count + latest.count) else {
      throw ValidationError(
        "Give one source, or two for pages: a job, a model, an archive, a folder or --latest PREFIX.")
    }
    if sources.count + latest.count == 2, image != nil || entryPoint != nil {
      throw ValidationError("--image and --entry-point go with one source.")
    }
    if sourceDir != nil, entryPoint == nil { throw ValidationError("--source-dir needs --entry-point.") }
    if let instances, instances < 1 { throw ValidationError("--instances must be at least 1.") }
    if let weight, !(weight >= 0 && weight.isFinite) { throw ValidationError("--weight must be 0 or more.") }
    if let startupTimeout, !(60...3600).contains(startupTimeout) {
      throw ValidationError("--startup-timeout must lie in 60...3600.")
    }
  }

  func findSources(_ client: DaemonClient) throws -> [ModelSource] {
    try sources.map { try ModelSource.find($0, client: client) }
      + latest.map { try ModelSource.latest($0, client: client) }
  }
}
