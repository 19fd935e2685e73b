public import Handwriting
public import JSONKit

/// `config.json` of a segmentation model: what its weights mean.
public struct SegmentationConfiguration: Sendable, Equatable {
  public static let algorithm = "word-segmentation"
  public static let formatVersion = 1
  /// What the longer side of a page may be shrunk to.
  public static let longerSides = 256...4096

  public var architecture: SegmentationArchitecture
  /// Larger pages are shrunk until their longer side has so many pixels.
  public var longerSide: Int

  public init(architecture: SegmentationArchitecture = .init(), longerSide: Int = 1600) {
    self.architecture = architecture
    self.longerSide = longerSide
  }

  public var json: JSON {
    [
      "format_version": .integer(Int64(Self.formatVersion)), "algorithm": .string(Self.algorithm),
      "architecture": [
        "channels": .array(architecture.channels.map { .integer(Int64($0)) }),
        "pyramid": .integer(Int64(architecture.pyramid)),
      ],
      "longer_side": .integer(Int64(longerSide)),
    ]
  }

  /// - Throws: when a member is missing or not one that this version of htr can use; the message says which.
  public init(json: JSON) throws(ModelFileError) {
    guard json["algorithm"]?.string == Self.algorithm else {
      throw ModelFileError("config.json", "it is not a model of the algorithm \(Self.algorithm)")
    }
    guard let version = json["format_version"]?.integer, version == Self.formatVersion else {
      throw ModelFileError(
        "config.json", "its format_version is not \(Self.formatVersion), the only one that this htr reads")
    }
    func number(_ value: JSON?, _ name: String) throws(ModelFileError) -> Int {
      guard let value = value?.integer, (1...4096).contains(value) else {
        throw ModelFileError("config.json", "\(name) is not a whole number from 1 to 4096")
      }
      return Int(value)
    }
    var channels: [Int] = []
    for value in (json["architecture"]?["channels"]?.array ?? []).prefix(64) {
      channels.append(try number(value, "architecture.channels"))
    }
    architecture = SegmentationArchitecture(
      channels: channels, pyramid: try number(json["architecture"]?["pyramid"], "architecture.pyramid"))
    if let fault = architecture.fault { throw ModelFileError("config.json", "architecture: \(fault)") }
    longerSide = try number(json["longer_side"], "longer_side")
    guard Self.longerSides.contains(longerSide) else {
      throw ModelFileError("config.json", "longer_side must be in \(Self.longerSides)")
    }
  }
}
