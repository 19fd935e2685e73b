import ImageKit

/// The words of one line, from left to right.
struct TextLine: Sendable {
  /// Words on each side of a place that tell where the line runs there.
  private static let nearWords = 2

  let members: [Int]
  let words: [PlacedWord]
  let left: Double
  let right: Double

  /// - Parameter members: indices of `words`; not empty; in any order.
  init(_ members: [Int], of words: [PlacedWord]) {
    self.members = members.sorted { (words[$0].centre.x, $0) < (words[$1].centre.x, $1) }
    self.words = self.members.map { words[$0] }
    left = self.words.reduce(.infinity) { min($0, $1.left) }
    right = self.words.reduce(-.infinity) { max($0, $1.right) }
  }

  /// Ink's length, without the gaps.
  var inkWidth: Double { words.reduce(0) { $0 + $1.width } }

  var centre: Double { (left + right) / 2 }

  /// How the line runs around a place; beyond its ends, as it ended.
  func trend(at x: Double) -> Trend {
    let place = words.partitionPoint { $0.centre.x < x }
    let start = max(min(place - Self.nearWords, words.count - 2 * Self.nearWords), 0)
    return Trend(words[start..<min(start + 2 * Self.nearWords, words.count)])
  }

  /// The words from one place to another, and some on both sides.
  func words(from left: Double, to right: Double) -> ArraySlice<PlacedWord> {
    let start = words.partitionPoint { $0.centre.x < left }
    let end = words.partitionPoint { $0.centre.x <= right }
    return words[max(start - Self.nearWords, 0)..<min(end + Self.nearWords, words.count)]
  }

  /// How far the line is above the other (below 0: below it), where both are, or where they are nearest.
  func distance(downTo other: TextLine) -> Double {
    let x = (max(left, other.left) + min(right, other.right)) / 2
    return other.trend(at: x).y(at: x) - trend(at: x).y(at: x)
  }
}
