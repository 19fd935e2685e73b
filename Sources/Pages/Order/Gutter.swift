import ImageKit

/// White that parts two columns: a chain of gaps, one below the other, on several lines. It need not be straight.
struct Gutter: Sendable, Equatable {
  /// The white between a word and the next one to its right.
  struct Gap: Sendable, Equatable {
    let y: Double
    let left: Double
    let right: Double
    let leftWord: Int
    let rightWord: Int

    var width: Double { right - left }

    /// Left edges of columns are straighter than their right edges: the border is drawn near the words to the right.
    func border(_ usualHeight: Double) -> Double { right - min(width / 2, usualHeight) }
  }

  /// From top to bottom.
  let gaps: [Gap]
  let usualHeight: Double

  var top: Double { gaps[0].y - usualHeight }
  var bottom: Double { gaps[gaps.count - 1].y + usualHeight }

  /// Where it is at a height; above and below it goes on as it ends.
  func x(at y: Double) -> Double {
    let lower = min(gaps.partitionPoint { $0.y < y }, gaps.count - 1)
    let nearest = lower > 0 && y - gaps[lower - 1].y < gaps[lower].y - y ? lower - 1 : lower
    return gaps[nearest].border(usualHeight)
  }

  /// Whether two words that might be neighbours on a line stand on different sides.
  func parts(_ word: PlacedWord, _ other: PlacedWord) -> Bool {
    let y = (word.centre.y + other.centre.y) / 2
    guard y >= top, y <= bottom else { return false }
    let x = x(at: y)
    return word.centre.x < x && x < other.centre.x
  }
}
