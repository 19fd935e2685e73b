import ArgumentParser

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

  /// - Throws: when nobody is named.
  func requireSource() throws {
    guard pageEndpoint == nil, segmentationEndpoint == nil, model.isEmpty else { return }
    throw ValidationError(
      "Nobody is named to read the pages: give --page-endpoint, or --segmentation-endpoint and "
        + "--recognition-endpoint, or --model.")
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
    let worker = try PrivateWorker(models: model)
    defer { worker.stop() }
    return try body(PageEndpoint(worker))
  }
}
