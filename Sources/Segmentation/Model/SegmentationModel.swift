import Handwriting
import HostKit
import JSONKit
public import TensorKit

/// A trained segmentation network as it lies in a folder: data only, nothing that could run.
public struct SegmentationModel: Sendable {
  /// The names of its files.
  public enum File {
    public static let weights = "model.safetensors"
    public static let configuration = "config.json"
  }

  public var configuration: SegmentationConfiguration
  /// As `SegmentationNetwork` lays them out.
  public let weights: FlatArray
  public let statistics: FlatArray

  public init(configuration: SegmentationConfiguration, weights: FlatArray, statistics: FlatArray) {
    self.configuration = configuration
    self.weights = weights
    self.statistics = statistics
  }

  public var network: SegmentationNetwork { SegmentationNetwork(configuration.architecture) }

  /// - Throws: `SystemError` or `ModelFileError`.
  public func write(to folder: String) throws {
    let network = network
    let tensors =
      SafetensorsFile.tensors(of: weights, network.parameters)
      + SafetensorsFile.tensors(of: statistics, network.statistics)
    let metadata = [
      "format": "htr", "algorithm": SegmentationConfiguration.algorithm,
      "format_version": "\(SegmentationConfiguration.formatVersion)",
    ]
    try SafetensorsFile(tensors: tensors, metadata: metadata).write(to: "\(folder)/\(File.weights)")
    try Files.write(configuration.json.bytes, to: "\(folder)/\(File.configuration)", durable: false)
  }

  private static let mostConfigurationBytes = 1 << 20
  private static let mostWeightBytes = 1 << 30

  /// - Throws: `SystemError` or `ModelFileError`, which says what in which file cannot be used.
  public init(folder: String) throws {
    let bytes = try Files.read("\(folder)/\(File.configuration)", limit: Self.mostConfigurationBytes)
    let json: JSON
    do { json = try JSON(parsing: bytes) } catch { throw ModelFileError(File.configuration, "\(error)") }
    configuration = try SegmentationConfiguration(json: json)
    let network = SegmentationNetwork(configuration.architecture)
    let file = try SafetensorsFile.read("\(folder)/\(File.weights)", limit: Self.mostWeightBytes)
    weights = try file.array(network.parameters, subject: File.weights)
    statistics = try file.array(network.statistics, subject: File.weights)
  }
}
