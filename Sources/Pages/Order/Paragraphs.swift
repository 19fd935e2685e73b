/// Parts the ordered lines of a region where the white between two is larger than usual.
struct Paragraphs {
  /// In usual distances of lines.
  private static let leastBreak = 1.6

  let lines: [TextLine]
  let usualDistance: Double

  /// - Parameter regions: line numbers in reading order; the usual distance is taken over all of them.
  init(_ lines: [TextLine], regions: [[Int]], usualHeight: Double) {
    self.lines = lines
    let distances = regions.flatMap { region in
      zip(region, region.dropFirst()).map { lines[$0].distance(downTo: lines[$1]) }
    }
    let plausible = distances.filter { $0 > usualHeight / 2 }.sorted()
    usualDistance = plausible.isEmpty ? .infinity : plausible[plausible.count / 2]
  }

  func blocks(of region: [Int]) -> [[Int]] {
    var blocks: [[Int]] = []
    for line in region {
      if let last = blocks.last?.last,
        abs(lines[last].distance(downTo: lines[line])) <= Self.leastBreak * usualDistance
      {
        blocks[blocks.count - 1].append(line)
      } else {
        blocks.append([line])
      }
    }
    return blocks
  }
}
