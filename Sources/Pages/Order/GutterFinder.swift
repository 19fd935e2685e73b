import ImageKit

/// Looks for the gutters of a page: wide gaps that stand below each other on at least three lines (the white rivers
/// of the X-Y cut; Nagy and Seth, "Hierarchical representation of optically scanned documents", ICPR 1984), followed
/// from gap to gap as a gutter of a skewed or photographed page is neither upright nor straight.
struct GutterFinder {
  /// In usual word heights.
  private static let leastWidth = 2.0
  private static let leastSharedWidth = 1.5
  private static let mostLineDistance = 3.5
  private static let leastLineDistance = 0.5
  private static let leastLines = 3
  /// More columns than any page has: what is beyond is noise.
  private static let mostGutters = 32
  private static let lookBack = 48

  let words: [PlacedWord]
  let usualHeight: Double

  /// The tallest first.
  func gutters(_ strips: WordStrips) -> [Gutter] {
    let gaps = words.indices.compactMap { gap(rightOf: $0, strips) }
      .sorted { ($0.y, $0.left, $0.leftWord) < ($1.y, $1.left, $1.leftWord) }
    var lengths: [Int] = []
    var above: [Int?] = []
    for index in gaps.indices {
      let best = upperNeighbour(of: index, in: gaps, lengths)
      above.append(best)
      lengths.append(best.map { lengths[$0] + 1 } ?? 1)
    }
    var taken = Array(repeating: false, count: gaps.count)
    var gutters: [Gutter] = []
    for end in gaps.indices.sorted(by: { (-lengths[$0], $0) < (-lengths[$1], $1) }) {
      guard lengths[end] >= Self.leastLines, gutters.count < Self.mostGutters else { break }
      let chain = Array(sequence(first: end) { above[$0] }.prefix { !taken[$0] })
      for index in chain { taken[index] = true }
      let gutter = Gutter(gaps: chain.reversed().map { gaps[$0] }, usualHeight: usualHeight)
      if isColumnBorder(gutter) { gutters.append(gutter) }
    }
    return gutters
  }

  private func isColumnBorder(_ gutter: Gutter) -> Bool {
    Set(gutter.gaps.map(\.leftWord)).count >= Self.leastLines
      && Set(gutter.gaps.map(\.rightWord)).count >= Self.leastLines
  }

  private func gap(rightOf index: Int, _ strips: WordStrips) -> Gutter.Gap? {
    let word = words[index]
    let y = word.y(at: word.right)
    var nearest: Int?
    strips.rightwards(of: word.centre.x, near: y, reach: usualHeight * 1.5) { other in
      let candidate = words[other]
      guard other != index, candidate.right > word.right,
        abs(candidate.y(at: candidate.left) - y) < (word.height + candidate.height) / 2
      else { return }
      if nearest.map({ (candidate.left, other) < (words[$0].left, $0) }) ?? true { nearest = other }
    }
    guard let nearest, words[nearest].left - word.right >= Self.leastWidth * usualHeight else { return nil }
    return Gutter.Gap(y: y, left: word.right, right: words[nearest].left, leftWord: index, rightWord: nearest)
  }

  private func upperNeighbour(of index: Int, in gaps: [Gutter.Gap], _ lengths: [Int]) -> Int? {
    let gap = gaps[index]
    var best: Int?
    for other in gaps[max(index - Self.lookBack, 0)..<index].indices.reversed() {
      let distance = gap.y - gaps[other].y
      guard distance <= Self.mostLineDistance * usualHeight else { break }
      let shared = min(gap.right, gaps[other].right) - max(gap.left, gaps[other].left)
      guard distance >= Self.leastLineDistance * usualHeight, shared >= Self.leastSharedWidth * usualHeight
      else { continue }
      if best.map({ lengths[other] > lengths[$0] }) ?? true { best = other }
    }
    return best
  }
}
