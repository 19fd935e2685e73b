import ImageKit

/// Words by where they stand, to find neighbours without looking at all of them: strips as high as a usual word, in
/// each the words from left to right.
struct WordStrips {
  /// At most this many words are looked at in a strip: noise that is stacked on one place must not cost its square.
  private static let depth = 24

  let stripHeight: Double
  private let top: Double
  private let words: [PlacedWord]
  private var strips: [[Int]]

  init(_ words: [PlacedWord], stripHeight: Double) {
    self.words = words
    let ys = words.map(\.centre.y)
    top = ys.min() ?? 0
    let reach = (ys.max() ?? 0) - top
    self.stripHeight = max(stripHeight, reach / Double(max(words.count, 1)))
    strips = Array(repeating: [], count: Int(reach / self.stripHeight) + 1)
    for index in words.indices { strips[strip(of: words[index].centre.y)].append(index) }
    for index in strips.indices {
      strips[index].sort { (words[$0].centre.x, $0) < (words[$1].centre.x, $1) }
    }
  }

  /// The words whose centres stand right of `x`, the nearest of each strip first, where the strip is within `reach` of `y`.
  func rightwards(of x: Double, near y: Double, reach: Double, visit: (Int) -> Void) {
    for strip in strip(of: y - reach)...strip(of: y + reach) {
      let members = strips[strip]
      let start = members.partitionPoint { words[$0].centre.x < x }
      for member in members[start..<min(start + Self.depth, members.count)] { visit(member) }
    }
  }

  /// The words whose centres are within `reach` of a place, both ways.
  func around(_ x: Double, _ y: Double, across: Double, reach: Double, visit: (Int) -> Void) {
    for strip in strip(of: y - reach)...strip(of: y + reach) {
      let members = strips[strip]
      let start = members.partitionPoint { words[$0].centre.x < x - across }
      for member in members[start..<min(start + Self.depth, members.count)] {
        if words[member].centre.x > x + across { break }
        visit(member)
      }
    }
  }

  private func strip(of y: Double) -> Int {
    min(max(Int((y - top) / stripHeight), 0), max(strips.count - 1, 0))
  }
}
