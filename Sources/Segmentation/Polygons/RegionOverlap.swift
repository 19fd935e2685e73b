import ImageKit

/// Of regions that cover each other only the surest is kept (non-maximum suppression).
///
/// Regions are looked up by the squares of a coarse grid over the page that they touch, so that those far apart are never
/// compared.
struct RegionOverlap {
  private static let side = 32
  private let limit: Double
  private let squareWidth: Double
  private let squareHeight: Double
  private var kept: [Polygon] = []
  private var touching = [[Int]](repeating: [], count: RegionOverlap.side * RegionOverlap.side)

  /// - Parameter limit: the intersection over union from which two regions are one word.
  init(limit: Double, pageWidth: Int, pageHeight: Int) {
    self.limit = limit
    squareWidth = max(1, Double(pageWidth)) / Double(Self.side)
    squareHeight = max(1, Double(pageHeight)) / Double(Self.side)
  }

  /// - Parameter regions: the surest first.
  mutating func thin(_ regions: [(region: WordRegion, outline: Polygon)]) -> [WordRegion] {
    regions.filter { keeps($0.outline) }.map(\.region)
  }

  private mutating func keeps(_ outline: Polygon) -> Bool {
    let places = squares(of: outline.bounds)
    for place in places {
      for index in touching[place] {
        let other = kept[index]
        // The intersection is no larger than the smaller of the two.
        guard min(outline.area, other.area) >= limit * max(outline.area, other.area) else { continue }
        if outline.intersectionOverUnion(with: other) >= limit { return false }
      }
    }
    for place in places { touching[place].append(kept.count) }
    kept.append(outline)
    return true
  }

  private func squares(of bounds: Bounds) -> [Int] {
    func span(_ low: Double, _ high: Double, _ size: Double) -> ClosedRange<Int> {
      let last = Self.side - 1
      let first = min(last, max(0, Int(low / size)))
      return first...max(first, min(last, Int(high / size)))
    }
    let columns = span(bounds.left, bounds.right, squareWidth)
    return span(bounds.top, bounds.bottom, squareHeight).flatMap { row in columns.map { row * Self.side + $0 } }
  }
}
