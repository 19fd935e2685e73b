import Handwriting
public import WorkerContract

/// Something that a worker can train without code of the user's.
public protocol Algorithm: Sendable {
  /// The name in AlgorithmSpecification.AlgorithmName.
  static var name: String { get }

  /// Each hyperparameter with its default and its meaning, one line each, for people.
  static var hyperparameters: [(name: String, meaning: String)] { get }

  /// Takes its settings from the reader, which collects every fault; the caller looks at them afterwards.
  init(_ reader: inout HyperparameterReader)

  /// Trains to the end, or until it is asked to stop, and leaves the model in the layout's `model` folder.
  func train(in layout: TrainingLayout, log: WorkerLog, stop: inout StopSignal) throws(AlgorithmFailure)
}

/// Every algorithm of ours by its name.
public enum AlgorithmRegistry {
  public static let all: [any Algorithm.Type] = [
    MockAlgorithm.self, TextRecognitionAlgorithm.self, WordSegmentationAlgorithm.self,
  ]

  public static func named(_ name: String) -> (any Algorithm.Type)? { all.first { $0.name == name } }

  /// The algorithm of this name, or a message that names those that there are.
  static func known(_ name: String) throws(AlgorithmFailure) -> any Algorithm.Type {
    guard let kind = named(name) else {
      let names = all.map { $0.name }.joined(separator: ", ")
      throw AlgorithmFailure(.badRequest, "There is no built-in algorithm \(name). There are: \(names).")
    }
    return kind
  }
}

extension Algorithm {
  /// The algorithm with these hyperparameters, or a message that names all of their faults at once.
  static func make(_ values: [String: String]) throws(AlgorithmFailure) -> Self {
    var reader = HyperparameterReader(values)
    let algorithm = Self(&reader)
    let faults = reader.faults(known: Self.hyperparameters.map(\.name))
    guard faults.isEmpty else {
      throw AlgorithmFailure(
        .badRequest,
        "The hyperparameters of the algorithm \(name) cannot be used: "
          + faults.joined(separator: "; ") + ".")
    }
    return algorithm
  }
}

/// Why a worker ends without having done its work.
public struct AlgorithmFailure: Error, Sendable, Equatable, CustomStringConvertible {
  public let exitCode: Int32
  /// One line for FailureReason: what was asked, what is in the way, what to do.
  public let message: String

  public init(_ code: WorkerExitCode, _ message: String) {
    self.init(exitCode: code.rawValue, message)
  }

  /// With an exit code of the algorithm's own.
  public init(exitCode: Int32, _ message: String) {
    self.exitCode = exitCode
    self.message = message
  }

  public var description: String { message }

  /// Runs the body; whatever it throws becomes the failure of a worker: a file that is damaged is bad data.
  static func telling(_ body: () throws -> Void) throws(AlgorithmFailure) {
    do {
      try body()
    } catch let failure as AlgorithmFailure {
      throw failure
    } catch let fault as ModelFileError {
      throw AlgorithmFailure(.badData, fault.description)
    } catch {
      throw AlgorithmFailure(.algorithmError, "\(error)")
    }
  }
}
