import ImageKit

/// Puts lines in order: between two lines that cross a gutter, all left of it comes before all right of it; elsewhere
/// what stands above comes first. What is above is asked only between neighbours, and sorted topologically (after
/// Breuel, "High performance document layout analysis", SDIUT 2003), for no line across the page is level on all of it.
struct LineOrder {
  let words: [PlacedWord]
  let usualHeight: Double
  let strips: WordStrips
  let lines: [TextLine]

  /// The numbers of the lines of each region, in order.
  func regions(_ gutters: [Gutter]) -> [[Int]] {
    var regions: [[Int]] = []
    cut(Array(lines.indices), gutters[...], into: &regions)
    let above = linesAbove(regions)
    return regions.map { sorted($0, above) }
  }

  private func cut(_ region: [Int], _ gutters: ArraySlice<Gutter>, into regions: inout [[Int]]) {
    guard !region.isEmpty else { return }
    guard let gutter = gutters.first else {
      regions.append(region)
      return
    }
    let rest = gutters.dropFirst()
    let parts = Sides(of: gutter, region.map { ($0, lines[$0]) })
    if parts.left.isEmpty || parts.right.isEmpty {
      cut(region, rest, into: &regions)
    } else {
      for part in [parts.above, parts.left, parts.right, parts.below] { cut(part, rest, into: &regions) }
    }
  }

  /// Per line, those of its region that stand right above it.
  private func linesAbove(_ regions: [[Int]]) -> [[Int]] {
    var home = Array(repeating: 0, count: words.count)
    for (number, line) in lines.enumerated() { for member in line.members { home[member] = number } }
    var region = Array(repeating: 0, count: lines.count)
    for (number, members) in regions.enumerated() { for line in members { region[line] = number } }
    // Votes: how much of the upper line's words is above the lower one.
    var votes: [[Int: Double]] = Array(repeating: [:], count: lines.count)
    for index in words.indices {
      guard
        let (below, shared) = wordBelow(index, { region[home[$0]] == region[home[index]] && home[$0] != home[index] })
      else { continue }
      votes[home[below]][home[index], default: 0] += shared
    }
    return votes.enumerated().map { lower, uppers in
      uppers.filter { upper, vote in vote > votes[upper][lower] ?? 0 }.keys.sorted()
    }
  }

  private func wordBelow(_ index: Int, _ counts: (Int) -> Bool) -> (index: Int, shared: Double)? {
    let word = words[index]
    var nearest: (index: Int, shared: Double)?
    var least = Double.infinity
    strips.around(
      word.centre.x, word.centre.y + 1.5 * usualHeight, across: word.width / 2 + 4 * usualHeight,
      reach: 1.5 * usualHeight
    ) { other in
      let shared = min(word.right, words[other].right) - max(word.left, words[other].left)
      let drop = words[other].centre.y - word.centre.y
      guard shared > 0, drop > 0.3 * usualHeight, counts(other) else { return }
      if (drop, other) < (least, nearest?.index ?? .max) {
        least = drop
        nearest = (other, shared)
      }
    }
    return nearest
  }

  /// By height at the region's middle, but never before a line that is right above (unless they are so in a circle).
  private func sorted(_ region: [Int], _ above: [[Int]]) -> [Int] {
    let left = region.reduce(.infinity) { min($0, lines[$1].left) }
    let right = region.reduce(-.infinity) { max($0, lines[$1].right) }
    var height: [Int: Double] = [:]
    for line in region { height[line] = Trend(lines[line].words).y(at: (left + right) / 2) }
    func isHigher(_ one: Int, _ other: Int) -> Bool { (height[one] ?? 0, one) < (height[other] ?? 0, other) }
    var visited = Set<Int>()
    var order: [Int] = []
    for line in region.sorted(by: isHigher) where visited.insert(line).inserted {
      // Depth first with a stack of its own: a page of noise may be thousands of lines deep.
      var path = [(line: line, waiting: above[line].sorted(by: isHigher)[...])]
      while let last = path.indices.last {
        if let upper = path[last].waiting.popFirst() {
          if visited.insert(upper).inserted { path.append((upper, above[upper].sorted(by: isHigher)[...])) }
        } else {
          order.append(path.removeLast().line)
        }
      }
    }
    return order
  }
}

/// Where lines stand beside a gutter: it reaches up and down to the next lines that cross it.
private struct Sides {
  var above: [Int] = []
  var left: [Int] = []
  var right: [Int] = []
  var below: [Int] = []

  init(of gutter: Gutter, _ lines: [(number: Int, line: TextLine)]) {
    let placed = lines.map { number, line in
      let y = line.trend(at: gutter.x(at: Trend(line.words).y)).y
      let x = gutter.x(at: y)
      return (number: number, y: y, isLeft: line.centre < x, crosses: line.left < x && x < line.right)
    }
    let middle = (gutter.top + gutter.bottom) / 2
    let crossings = placed.filter(\.crosses).map(\.y)
    let ceiling = crossings.filter { $0 < middle }.max() ?? -.infinity
    let floor = crossings.filter { $0 >= middle }.min() ?? .infinity
    for line in placed {
      if line.y <= ceiling {
        above.append(line.number)
      } else if line.y >= floor {
        below.append(line.number)
      } else if line.isLeft {
        left.append(line.number)
      } else {
        right.append(line.number)
      }
    }
  }
}
