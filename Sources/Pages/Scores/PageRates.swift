public import Segmentation

/// How pages were read, as sums. A rate is 0 while there is nothing to divide by.
public struct PageRates: Sendable, Equatable {
  public internal(set) var pages = 0
  /// Insertions, deletions and replacements between the pages' texts and what was read, in characters.
  public internal(set) var characterErrors = 0
  public internal(set) var referenceCharacters = 0
  /// Words of the pages, and those among them that were read somewhere on their page.
  public internal(set) var words = 0
  public internal(set) var wordsRead = 0
  /// Words that were found at their place and read right.
  public internal(set) var endToEnd = DetectionRates()

  public init() {}

  /// Of whole pages in reading order, spaces between words included: errors of segmentation, recognition and order
  /// together. Passes 1 when more was read than is written.
  public var characterErrorRate: Double { Self.ratio(characterErrors, referenceCharacters) }
  /// Share of the words that were read, wherever on the page: order does not matter.
  public var wordAccuracy: Double { Self.ratio(wordsRead, words) }

  public static func + (left: PageRates, right: PageRates) -> PageRates {
    var sum = left
    sum.pages += right.pages
    sum.characterErrors += right.characterErrors
    sum.referenceCharacters += right.referenceCharacters
    sum.words += right.words
    sum.wordsRead += right.wordsRead
    sum.endToEnd = left.endToEnd + right.endToEnd
    return sum
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}
