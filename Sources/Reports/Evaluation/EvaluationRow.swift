import Handwriting
import Pages
public import Segmentation

/// A share with the bounds between which it would lie on other pages or words of the same kind (95 %).
public struct Rate: Sendable, Equatable {
  public let value: Double
  /// nil where there is too little to tell from.
  public let interval: ClosedRange<Double>?
}

/// The numbers of one collection, or of all pages.
public struct EvaluationRow: Sendable {
  /// nil: all pages.
  public let collection: String?
  public let pages: Int
  public let words: Int
  public let precision: Rate
  public let recall: Rate
  public let hmean: Rate
  public let averagePrecision: AveragePrecision
  /// Words found at their place and read right, as harmonic mean.
  public let endToEnd: Rate
  /// Share of the words that were read somewhere on their page.
  public let wordAccuracy: Rate
  /// Of whole pages in reading order.
  public let pageCharacterErrors: Rate
  /// Of the words that were found.
  public let wordCharacterErrors: Rate
  /// Share of the found words that were read wrong.
  public let wordErrors: Rate
}

extension Evaluation {
  /// The draws of every interval begin with this.
  private static let seed: UInt64 = 1

  /// All pages first; then, when there are several, each collection.
  public var rows: [EvaluationRow] {
    [row(of: nil)] + (collections.count > 1 ? collections.sorted().map { row(of: $0) } : [])
  }

  /// - Parameter collection: nil for all pages.
  public func row(of collection: String?) -> EvaluationRow {
    let rates = collection.map { detection.collections[$0] ?? DetectionRates() } ?? detection.overall
    let bounds = detection.interval(of: collection, seed: Self.seed)
    let pages = collection.map { reading.collections[$0] ?? PageRates() } ?? reading.overall
    let pageBounds = reading.interval(of: collection, seed: Self.seed)
    let words = foundWords(of: collection)
    var sums = ErrorRates()
    for score in words { sums.add(score) }
    let characters = BootstrapInterval.characterErrorRate(of: words, seed: Self.seed)
    let exact = BootstrapInterval.exactMatchRate(of: words, seed: Self.seed)
    return EvaluationRow(
      collection: collection, pages: pages.pages, words: rates.truth,
      precision: Rate(value: rates.precision, interval: bounds?.precision),
      recall: Rate(value: rates.recall, interval: bounds?.recall),
      hmean: Rate(value: rates.hmean, interval: bounds?.hmean),
      averagePrecision: detection.averagePrecision(of: collection),
      endToEnd: Rate(value: pages.endToEnd.hmean, interval: pageBounds?.endToEndHmean),
      wordAccuracy: Rate(value: pages.wordAccuracy, interval: pageBounds?.wordAccuracy),
      pageCharacterErrors: Rate(value: pages.characterErrorRate, interval: pageBounds?.characterErrorRate),
      wordCharacterErrors: Rate(
        value: sums.characterErrorRate, interval: words.count > 1 ? characters.lower...characters.upper : nil),
      wordErrors: Rate(
        value: words.isEmpty ? 0 : 1 - sums.exactMatchRate,
        interval: words.count > 1 ? 1 - exact.upper...1 - exact.lower : nil))
  }
}
