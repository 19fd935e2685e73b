/// How much a word's picture may change from one showing to the next while a network trains. Each number is a bound:
/// the amount is drawn evenly below it. Pixels are those of the network's input.
public struct AugmentationSettings: Sendable, Equatable {
  /// Slant: columns moved per row, to either side.
  public var shear: Double
  /// Degrees to either side; held lower for long words, whose ends would leave the picture.
  public var rotation: Double
  /// Share by which the width grows or shrinks.
  public var stretchX: Double
  /// Share by which the height grows or shrinks; the word never grows beyond the picture.
  public var stretchY: Double
  /// Pixels by which the whole word moves, each way.
  public var shift: Double
  /// Pixels by which the nodes of a coarse grid move, each way; between nodes the move is interpolated.
  public var elastic: Double
  /// Share of the crop's height by which each of its four edges moves, outwards (more paper) or inwards (ink cut off):
  /// what the detector's polygons are off by.
  public var edgeJitter: Double
  /// How often strokes are made bolder.
  public var boldProbability: Double
  /// How often the picture is made less sharp.
  public var blurProbability: Double
  /// The ink's strength is multiplied by a number from here, and cut at full ink.
  public var contrast: ClosedRange<Double>
  /// The ink's strength is raised to a power from here: below 1 faint strokes come out stronger.
  public var gamma: ClosedRange<Double>
  /// Standard deviation of the noise added to every pixel, where full ink is 1.
  public var noise: Double

  public static let standard = AugmentationSettings(
    shear: 0.35, rotation: 3, stretchX: 0.12, stretchY: 0.12, shift: 2, elastic: 2, edgeJitter: 0.03,
    boldProbability: 0.15, blurProbability: 0.15, contrast: 0.5...1.1, gamma: 0.7...1.4, noise: 0.06)

  /// Nothing changes.
  public static let none = AugmentationSettings(
    shear: 0, rotation: 0, stretchX: 0, stretchY: 0, shift: 0, elastic: 0, edgeJitter: 0,
    boldProbability: 0, blurProbability: 0, contrast: 1...1, gamma: 1...1, noise: 0)

  /// The same, weaker (below 1) or stronger; 0 is `none`.
  public func scaled(by factor: Double) -> AugmentationSettings {
    func widen(_ range: ClosedRange<Double>) -> ClosedRange<Double> {
      max(0.05, 1 - (1 - range.lowerBound) * factor)...(1 + (range.upperBound - 1) * factor)
    }
    return AugmentationSettings(
      shear: shear * factor, rotation: rotation * factor, stretchX: stretchX * factor, stretchY: stretchY * factor,
      shift: shift * factor, elastic: elastic * factor, edgeJitter: edgeJitter * factor,
      boldProbability: min(1, boldProbability * factor), blurProbability: min(1, blurProbability * factor),
      contrast: widen(contrast), gamma: widen(gamma), noise: noise * factor)
  }

  public init(
    shear: Double, rotation: Double, stretchX: Double, stretchY: Double, shift: Double, elastic: Double,
    edgeJitter: Double, boldProbability: Double, blurProbability: Double, contrast: ClosedRange<Double>,
    gamma: ClosedRange<Double>, noise: Double
  ) {
    self.shear = shear
    self.rotation = rotation
    self.stretchX = stretchX
    self.stretchY = stretchY
    self.shift = shift
    self.elastic = elastic
    self.edgeJitter = edgeJitter
    self.boldProbability = boldProbability
    self.blurProbability = blurProbability
    self.contrast = contrast
    self.gamma = gamma
    self.noise = noise
  }
}
