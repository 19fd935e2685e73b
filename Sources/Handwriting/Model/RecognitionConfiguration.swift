public import JSONKit

/// `config.json` of a recognition model: what its weights mean.
public struct RecognitionConfiguration: Sendable, Equatable {
  public static let algorithm = "text-recognition"
  public static let formatVersion = 1
  /// The widest picture that a model may ask for.
  public static let widths = 64...2048

  /// The largest output of a layer for one word, in numbers: what reading a batch takes is bounded by it.
  private static let largestOutput = 1 << 22

  public var architecture: RecognitionArchitecture
  public var charset: Charset
  /// Wider words are squeezed into this many columns.
  public var maximumWidth: Int
  public var decoding: DecodingWeights

  /// - Precondition: the architecture has a class for each character and the blank.
  public init(
    architecture: RecognitionArchitecture, charset: Charset, maximumWidth: Int, decoding: DecodingWeights = .plain
  ) {
    precondition(architecture.classes == charset.classCount)
    self.architecture = architecture
    self.charset = charset
    self.maximumWidth = maximumWidth
    self.decoding = decoding
  }

  public var json: JSON {
    [
      "format_version": .integer(Int64(Self.formatVersion)), "algorithm": .string(Self.algorithm),
      "architecture": [
        "channels": .array(architecture.channels.map { .integer(Int64($0)) }),
        "hidden": .integer(Int64(architecture.hidden)), "layers": .integer(Int64(architecture.layers)),
        "height": .integer(Int64(architecture.height)),
      ],
      "maximum_width": .integer(Int64(maximumWidth)), "charset": charset.json, "decoding": decoding.json,
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
    guard let charset = json["charset"] else { throw ModelFileError("config.json", "it has no charset") }
    self.charset = try Charset(json: charset)
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
    architecture = RecognitionArchitecture(
      channels: channels, hidden: try number(json["architecture"]?["hidden"], "architecture.hidden"),
      layers: try number(json["architecture"]?["layers"], "architecture.layers"), classes: self.charset.classCount,
      height: try number(json["architecture"]?["height"], "architecture.height"))
    if let fault = architecture.fault { throw ModelFileError("config.json", "architecture: \(fault)") }
    maximumWidth = try number(json["maximum_width"], "maximum_width")
    guard Self.widths.contains(maximumWidth), maximumWidth % 16 == 0 else {
      throw ModelFileError("config.json", "maximum_width must be a multiple of 16 in \(Self.widths)")
    }
    guard architecture.largestOutput(width: maximumWidth) <= Self.largestOutput else {
      throw ModelFileError(
        "config.json",
        "a layer would put out more than \(Self.largestOutput) numbers for one word: fewer channels, a smaller height or "
          + "a smaller maximum_width would do")
    }
    decoding = try json["decoding"].map { value throws(ModelFileError) in try DecodingWeights(json: value) } ?? .plain
  }
}
