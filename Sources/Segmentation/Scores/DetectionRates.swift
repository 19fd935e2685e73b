/// How many words were found, as sums over pages. A rate is 0 while there is nothing to divide by.
public struct DetectionRates: Sendable, Equatable {
  /// True words that were found.
  public internal(set) var matched = 0
  /// Words that are there, without those that need not be found.
  public internal(set) var truth = 0
  /// Regions that were found, without those on something that need not be found.
  public internal(set) var found = 0

  public init() {}

  public init(matched: Int, truth: Int, found: Int) {
    self.matched = matched
    self.truth = truth
    self.found = found
  }

  /// Share of the found regions that are words.
  public var precision: Double { Self.ratio(matched, found) }
  /// Share of the words that were found.
  public var recall: Double { Self.ratio(matched, truth) }
  /// Harmonic mean of both.
  public var hmean: Double { Self.ratio(2 * matched, truth + found) }

  public static func + (left: DetectionRates, right: DetectionRates) -> DetectionRates {
    DetectionRates(
      matched: left.matched + right.matched, truth: left.truth + right.truth, found: left.found + right.found)
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
