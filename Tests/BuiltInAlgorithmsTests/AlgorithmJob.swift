import HostKit
import JSONKit
import TestKit
import WorkerContract

/// A job folder for `htr-worker train`.
struct AlgorithmJob {
  struct End {
    let exit: ChildProcess.Exit
    let log: String
    let errors: String

    /// The numbers after this text, in the order of the log.
    func numbers(after text: String) -> [Double] {
      log.split(separator: "\n").compactMap { line in
        line.hasPrefix(text) ? Double(line.dropFirst(text.count).prefix { $0.isNumber || $0 == "." }) : nil
      }
    }
  }

  /// Without anything that keeps a network from learning its words by heart.
  static let plain = [
    "augmentation": "0", "validation_share": "0", "language_model_order": "0", "lexicon": "false",
    "least_source_share": "0", "batch_size": "8", "maximum_width": "64", "threads": "2",
  ]

  let layout: TrainingLayout
  private let algorithm: String

  /// - Parameter folder: need not be there yet.
  init(_ folder: String, _ hyperparameters: [String: String], algorithm: String = "text-recognition") throws {
    self.algorithm = algorithm
    layout = TrainingLayout(base: folder)
    for folder in layout.folders { try Files.makeFolder(folder) }
    try Files.write(JSON.strings(hyperparameters).bytes, to: layout.hyperparameters, durable: false)
  }

  func channel(_ name: String) throws -> WordChannel { try WordChannel(layout.channel(name)) }

  func start() throws -> ChildProcess {
    try ChildProcess(
      Programs.built("htr-worker"), ["train", algorithm], environment: ["SAGEMAKER_BASE_DIR": layout.base])
  }

  func run() async throws -> End { try await end(of: start()) }

  func end(of worker: ChildProcess) async throws -> End {
    let exit = try await worker.end(within: .seconds(120))
    return End(exit: exit, log: worker.outputText, errors: worker.errorText)
  }

  /// Every file of the model by its name.
  func model() throws -> [String: [UInt8]] {
    var files: [String: [UInt8]] = [:]
    for name in try Files.names(in: layout.model) { files[name] = try Files.read("\(layout.model)/\(name)") }
    return files
  }

  func failure() throws -> String { try Files.readText(layout.failure) }
}

extension JSON {
  /// A file of a model as JSON.
  init(file name: String, of model: [String: [UInt8]]) throws {
    guard let bytes = model[name] else { throw SystemError("read", name, code: 2) }
    try self.init(parsing: bytes)
  }
}
