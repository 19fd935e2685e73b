import Glibc
import HostKit
import JSONKit
import WorkerContract

/// The program `htr-worker`: what its arguments mean, and how it ends.
public enum WorkerProgram {
  static let usage = """
    Usage: htr-worker train ALGORITHM
           htr-worker serve mock --model FOLDER --socket PATH
           htr-worker algorithms
           htr-worker measure [--threads N] [--batch N] [--width N] [--seconds N] [--backend NAME]

    train       trains a built-in algorithm in the folders below SAGEMAKER_BASE_DIR (SageMaker's /opt/ml)
    serve       answers GET /ping and POST /invocations on a Unix socket; the other algorithms' models are served by
                htr-inference
    algorithms  lists the algorithms and their hyperparameters
    measure     tells how fast this machine trains and reads handwritten words, as JSON

    Exit codes: 0 done, 1 the algorithm gave up (output/failure says why), 2 bad request, 3 bad data
    """

  /// Does what the arguments (without the program's own name) say.
  ///
  /// - Parameter base: SAGEMAKER_BASE_DIR.
  /// - Returns: the exit code. When it is not 0, standard error and (but for `serve`) `output/failure` say why.
  public static func run(_ arguments: [String], base: String?) -> Int32 {
    let log = WorkerLog()
    // A server has no folder for failures: its last words are those of its log.
    let layout = arguments.first == "serve" ? nil : base.map(TrainingLayout.init(base:))
    do throws(AlgorithmFailure) {
      switch (arguments.first, arguments.count) {
      case ("train", 2): try train(arguments[1], in: layout, log: log)
      case ("serve", _): try ServeRequest(arguments.dropFirst()).run(log)
      case ("algorithms", 1): list(log)
      case ("measure", _): try SpeedMeasurement(arguments.dropFirst()).run(log)
      case ("idle", 2): try IdleProcess(rawValue: arguments[1])?.run()
      case ("--help", _), ("-h", _), ("help", _): log.line(usage)
      default: throw AlgorithmFailure(.badRequest, "unknown arguments.\n\(usage)")
      }
      return WorkerExitCode.done.rawValue
    } catch {
      log.error(error.message)
      if let layout { write(error, to: layout, log: log) }
      return error.exitCode
    }
  }

  private static func train(
    _ name: String, in layout: TrainingLayout?, log: WorkerLog
  ) throws(AlgorithmFailure) {
    // Before anything else: a stop that comes early must not end the worker without its model.
    var stop = StopSignal()
    let kind = try AlgorithmRegistry.known(name)
    guard let layout else {
      throw AlgorithmFailure(
        .badRequest, "SAGEMAKER_BASE_DIR is not set: set it to the folder of the training job.")
    }
    let algorithm = try kind.make(try hyperparameters(layout))
    try algorithm.train(in: layout, log: log, stop: &stop)
  }

  private static func hyperparameters(
    _ layout: TrainingLayout
  ) throws(AlgorithmFailure) -> [String: String] {
    let path = layout.hyperparameters
    do {
      guard let values = try JSON(parsing: try Files.read(path, limit: 1 << 20)).stringMap else {
        throw AlgorithmFailure(.badRequest, "\(path) must be one object of texts.")
      }
      return values
    } catch let failure as AlgorithmFailure {
      throw failure
    } catch {
      throw AlgorithmFailure(.badRequest, "The hyperparameters cannot be read from \(path): \(error)")
    }
  }

  private static func write(_ failure: AlgorithmFailure, to layout: TrainingLayout, log: WorkerLog) {
    do {
      try Files.write(failure.message, to: layout.failure, durable: false)
    } catch {
      // The exit code and standard error still tell; this must not hide them.
      log.error("\(error)")
    }
  }

  private static func list(_ log: WorkerLog) {
    for algorithm in AlgorithmRegistry.all {
      log.line(algorithm.name)
      for (name, meaning) in algorithm.hyperparameters { log.line("  \(name): \(meaning)") }
    }
  }
}
