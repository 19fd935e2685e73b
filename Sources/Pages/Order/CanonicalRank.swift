import ImageKit

/// A total order of words by all that tells them apart, so that the same words in any order are treated alike. Numbers
/// that are not finite have their place in it too.
struct CanonicalRank: Comparable {
  private let numbers: [Double]
  private let text: String?

  init(_ word: PageWord) {
    numbers = word.polygon.flatMap { [$0.x, $0.y] } + [word.score, word.confidence ?? -1]
    text = word.text
  }

  static func < (one: CanonicalRank, other: CanonicalRank) -> Bool {
    for (a, b) in zip(one.numbers, other.numbers) where a != b && !(a.isNaN && b.isNaN) {
      return a.isTotallyOrdered(belowOrEqualTo: b)
    }
    if one.numbers.count != other.numbers.count { return one.numbers.count < other.numbers.count }
    switch (one.text, other.text) {
    case (let text?, let otherText?): return text < otherText
    case (nil, _?): return true
    default: return false
    }
  }

  static func == (one: CanonicalRank, other: CanonicalRank) -> Bool { !(one < other) && !(other < one) }
}
