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
    var tensors: [SafetensorsFile.Tensor] = []
    for (layout, array) in [(network.parameters, weights), (network.statistics, statistics)] {
      for parameter in layout.parameters {
        tensors.append(.init(name: parameter.name, shape: parameter.shape, values: array.values(of: parameter)))
      }
    }
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

  /// Takes memory only for what the file really has.
  private static func array(_ layout: ParameterLayout, from file: SafetensorsFile) throws(ModelFileError) -> FlatArray {
    let tensors = Dictionary(file.tensors.map { ($0.name, $0) }) { first, _ in first }
    for parameter in layout.parameters {
      guard let tensor = tensors[parameter.name] else {
        throw ModelFileError(File.weights, "it has no tensor \(parameter.name)")
      }
      guard tensor.shape == parameter.shape else {
        throw ModelFileError(File.weights, "the shape of \(parameter.name) is not the one that config.json asks for")
      }
    }
    let array = FlatArray(count: layout.count)
    for parameter in layout.parameters { array.set(parameter, to: tensors[parameter.name]?.values ?? []) }
    return array
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
    weights = try Self.array(network.parameters, from: file)
    statistics = try Self.array(network.statistics, from: file)
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
