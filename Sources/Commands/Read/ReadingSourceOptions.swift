import ArgumentParser
import Client

/// Who reads the pages: the options that every command shares which needs readings.
struct ReadingSourceOptions: ParsableArguments {
  @Option(
    help: ArgumentHelp(
      "Whoever answers whole pages: an endpoint's name, http://127.0.0.1:PORT or unix:/PATH.", valueName: "endpoint"))
  var pageEndpoint: String?

  @Option(help: ArgumentHelp("Whoever finds the words of a page; goes with the next.", valueName: "endpoint"))
  var segmentationEndpoint: String?

  @Option(help: ArgumentHelp("Whoever reads words.", valueName: "endpoint"))
  var recognitionEndpoint: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "Start a worker for these models and stop it at the end: folders or model.tar.gz (twice: word segmentation and "
        + "text recognition).", valueName: "path"))
  var model: [String] = []

  @OptionGroup var daemon: DaemonOptions

  func validate() throws {
    let ways = [pageEndpoint != nil, segmentationEndpoint != nil || recognitionEndpoint != nil, !model.isEmpty]
    switch ways.count(where: { $0 }) {
    // Whether somebody has to be named is for the command to say.
    case 0, 1: break
    default:
      throw ValidationError(
        "Choose one of --page-endpoint, --segmentation-endpoint with --recognition-endpoint, and --model.")
    }
    if (segmentationEndpoint == nil) != (recognitionEndpoint == nil) {
      let missing = segmentationEndpoint == nil ? "--segmentation-endpoint" : "--recognition-endpoint"
      throw ValidationError("\(missing) is missing: words are found by one endpoint and read by the other.")
    }
    if model.count > 2 { throw ValidationError("--model: give one folder with both models, or two models.") }
  }

  /// Lends the source for the time of `body`; a worker that was started for it is stopped afterwards, however it ends.
  func withSource<Answer>(_ body: (any ReadingSource) throws -> Answer) throws -> Answer {
    if let pageEndpoint {
      return try body(PageEndpoint(WorkerEndpoint(named: pageEndpoint, option: "--page-endpoint", daemon: daemon)))
    }
    if let segmentationEndpoint, let recognitionEndpoint {
      return try body(
        EndpointPair(
          segmentation: WorkerEndpoint(named: segmentationEndpoint, option: "--segmentation-endpoint", daemon: daemon),
          recognition: WorkerEndpoint(named: recognitionEndpoint, option: "--recognition-endpoint", daemon: daemon)))
    }
    guard !model.isEmpty else { return try body(demoPages()) }
    let worker = try PrivateWorker(models: model)
    defer { worker.stop() }
    return try body(PageEndpoint(worker))
  }

  /// The endpoint that `htrctl demo` brings up, for those who name nobody.
  private func demoPages() throws -> PageEndpoint {
    let name = DemoEndpoint.page.rawValue
    // A daemon that does not run has no such endpoint either.
    guard (try? daemon.client.endpointIfAny(name)) != nil else {
      throw Failure(
        "read", "nobody is named to read the pages",
        advice:
          "Give --page-endpoint, or --segmentation-endpoint and --recognition-endpoint, or --model; or bring up the "
          + "models that come with htr: htrctl demo\(daemon.homeArgument)")
    }
    Terminal.current.note("Reading with \(name), as no other is named.")
    return PageEndpoint(try WorkerEndpoint(named: name, option: "--page-endpoint", daemon: daemon))
  }
}
