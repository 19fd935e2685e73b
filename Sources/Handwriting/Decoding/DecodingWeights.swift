public import JSONKit

/// How much image, language, length and lexicon each count when a text is chosen:
/// log p(text | image) + alpha * log p(text | language) + beta * length + gamma where the lexicon has it.
public struct DecodingWeights: Sendable, Equatable {
  public var alpha: Double
  public var beta: Double
  public var gamma: Double
  /// How many prefixes the search keeps.
  public var beamWidth: Int

  public static let beamWidths = 1...100

  public init(alpha: Double = 0.4, beta: Double = 0.5, gamma: Double = 1, beamWidth: Int = 10) {
    self.alpha = alpha
    self.beta = beta
    self.gamma = gamma
    self.beamWidth = min(max(beamWidth, Self.beamWidths.lowerBound), Self.beamWidths.upperBound)
  }

  /// The image alone.
  public static let plain = DecodingWeights(alpha: 0, beta: 0, gamma: 0)

  public var json: JSON {
    ["alpha": .number(alpha), "beta": .number(beta), "gamma": .number(gamma), "beamWidth": .integer(Int64(beamWidth))]
  }

  public init(json: JSON) throws(ModelFileError) {
    guard let alpha = json["alpha"]?.number, let beta = json["beta"]?.number, let gamma = json["gamma"]?.number,
      let width = json["beamWidth"]?.integer, Self.beamWidths.contains(Int(width)),
      [alpha, beta, gamma].allSatisfy({ abs($0) <= 100 }), alpha >= 0
    else {
      throw ModelFileError(
        "the decoding weights", "expected alpha, beta and gamma up to 100, and beamWidth in \(Self.beamWidths)")
    }
    self.init(alpha: alpha, beta: beta, gamma: gamma, beamWidth: Int(width))
  }
}
