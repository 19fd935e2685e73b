import ArgumentParser

/// What `htrctl fit` can be told by flags; each overrides the same member of the job file.
struct FitOptions: ParsableArguments {
  @Option(help: "The job's name.")
  var name: String?

  @Option(help: ArgumentHelp("The job is named PREFIX-YYYY-MM-DD-HH-MM-SS-mmm (UTC).", valueName: "prefix"))
  var baseName: String?

  @Option(help: "Script mode: the Python file to run, inside --source-dir where one is given.")
  var entryPoint: String?

  @Option(help: "Script mode: the folder that goes with the entry point.")
  var sourceDir: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Script mode: a further file or folder beside the sources (repeat).", valueName: "path"))
  var dependency: [String] = []

  @Option(help: "A built-in algorithm instead of a script.")
  var algorithm: String?

  @Flag(help: "Run the command that follows `--` instead of a script.")
  var command = false

  @Option(help: "The training image: chooses the runtime (default: htr/script:python3 or htr/command).")
  var image: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Training data: a local path or an s3:// URI (repeat).", valueName: "channel=path"))
  var input: [Assignment] = []

  @Option(
    parsing: .singleValue, help: ArgumentHelp("A hyperparameter (repeat).", valueName: "name=value"))
  var hyperparameter: [Assignment] = []

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp(
      "A metric: the first group of the expression, found in the log (repeat).", valueName: "name=regex"))
  var metric: [Assignment] = []

  @Option(help: "What the job needs of the machine (default: local).")
  var instanceType: String?

  @Option(help: ArgumentHelp("Where artifacts go (default: the daemon's own bucket).", valueName: "s3-uri"))
  var outputPath: String?

  @Option(help: ArgumentHelp("Stop the job after this many seconds of training.", valueName: "seconds"))
  var maxRuntime: Int?

  @Option(help: ArgumentHelp("Where checkpoints are restored from and kept.", valueName: "uri-or-path"))
  var checkpoint: String?

  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("A variable of the worker's environment (repeat).", valueName: "name=value"))
  var env: [Assignment] = []

  @Option(parsing: .singleValue, help: ArgumentHelp("A tag (repeat).", valueName: "key=value"))
  var tag: [Assignment] = []

  @Option(parsing: .unconditional, help: "-100 to 100; a job with a higher one starts first.")
  var priority: Int?

  @Option(help: "How often to try again after a failure that is not the job's own (1 to 30).")
  var retries: Int?

  @Option(help: "File or FastFile.")
  var inputMode: String?

  @Argument(parsing: .postTerminator, help: "After `--`: the command and its arguments.")
  var words: [String] = []

  func validate() throws {
    let ways = [entryPoint != nil, algorithm != nil, command || !words.isEmpty].count { $0 }
    if ways > 1 {
      throw ValidationError("Choose one of --entry-point, --algorithm and --command.")
    }
    if command, words.isEmpty {
      throw ValidationError("--command needs the command after `--`, for instance: --command -- /bin/true")
    }
    if name != nil, baseName != nil { throw ValidationError("Choose one of --name and --base-name.") }
    if entryPoint == nil, sourceDir != nil || !dependency.isEmpty {
      throw ValidationError("--source-dir and --dependency need --entry-point.")
    }
    if let priority, !(-100...100).contains(priority) {
      throw ValidationError("--priority must lie in -100...100.")
    }
    if let maxRuntime, maxRuntime < 1 { throw ValidationError("--max-runtime must be at least 1.") }
    if let retries, !(1...30).contains(retries) { throw ValidationError("--retries must lie in 1...30.") }
  }
}
