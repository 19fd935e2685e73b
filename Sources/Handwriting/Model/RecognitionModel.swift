import HostKit
import JSONKit
public import TensorKit

/// A trained recogniser as it lies in a folder: data only, nothing that could run.
public struct RecognitionModel: Sendable {
  /// The names of its files.
  public enum File {
    public static let weights = "model.safetensors"
    public static let configuration = "config.json"
    public static let languageModel = "language-model.bin"
    public static let lexicon = "lexicon.txt"
  }

  public var configuration: RecognitionConfiguration
  /// As `RecognitionNetwork` lays them out.
  public let weights: FlatArray
  public let statistics: FlatArray
  public var languageModel: CharacterNGram?
  public var lexicon: Lexicon?

  public init(
    configuration: RecognitionConfiguration, weights: FlatArray, statistics: FlatArray,
    languageModel: CharacterNGram? = nil, lexicon: Lexicon? = nil
  ) {
    self.configuration = configuration
    self.weights = weights
    self.statistics = statistics
    self.languageModel = languageModel
    self.lexicon = lexicon
  }

  public var network: RecognitionNetwork { RecognitionNetwork(configuration.architecture) }

  // MARK: Files

  /// - Throws: `SystemError` or `ModelFileError`.
  public func write(to folder: String) throws {
    let network = network
    let tensors =
      SafetensorsFile.tensors(of: weights, network.parameters)
      + SafetensorsFile.tensors(of: statistics, network.statistics)
    let metadata = [
      "format": "htr", "algorithm": RecognitionConfiguration.algorithm,
      "format_version": "\(RecognitionConfiguration.formatVersion)",
    ]
    try SafetensorsFile(tensors: tensors, metadata: metadata).write(to: "\(folder)/\(File.weights)")
    try Files.write(configuration.json.bytes, to: "\(folder)/\(File.configuration)", durable: false)
    if let languageModel {
      try Files.write(languageModel.fileBytes, to: "\(folder)/\(File.languageModel)", durable: false)
    }
    if let lexicon { try Files.write(lexicon.fileText, to: "\(folder)/\(File.lexicon)", durable: false) }
  }

  private static let mostConfigurationBytes = 1 << 20
  private static let mostTextBytes = 1 << 26
  private static let mostWeightBytes = 1 << 30

  /// - Throws: `SystemError` or `ModelFileError`, which says what in which file cannot be used.
  public init(folder: String) throws {
    let bytes = try Files.read("\(folder)/\(File.configuration)", limit: Self.mostConfigurationBytes)
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw ModelFileError("config.json", "\(error)") }
    configuration = try RecognitionConfiguration(json: json)
    let network = RecognitionNetwork(configuration.architecture)
    let file = try SafetensorsFile.read("\(folder)/\(File.weights)", limit: Self.mostWeightBytes)
    weights = try file.array(network.parameters, subject: File.weights)
    statistics = try file.array(network.statistics, subject: File.weights)
    let languageModelPath = "\(folder)/\(File.languageModel)"
    if Files.exists(languageModelPath) {
      languageModel = try CharacterNGram(fileBytes: try Files.read(languageModelPath, limit: Self.mostTextBytes))
    }
    let lexiconPath = "\(folder)/\(File.lexicon)"
    if Files.exists(lexiconPath) {
      let text = try Files.readText(lexiconPath, limit: Self.mostTextBytes)
      lexicon = try Lexicon(fileText: text, charset: configuration.charset)
    }
  }
}
