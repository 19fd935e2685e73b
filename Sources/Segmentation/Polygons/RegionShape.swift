import Glibc
import ImageKit

/// From the cells of one word to its polygon, in pixels of the page.
///
/// Measured on maps drawn from the real pages' polygons, blurred and with noise (mean IoU of all words): the kernel's
/// rectangle with its shrinking undone .74, the rectangle around the grown cells .89, the same rectangle with its sides
/// moved to where the cells' spread puts them .92. A middle is a few cells high, so that one cell more or less there
/// moves the undone edges by a third of the word; and a rectangle around everything reaches out to each stray cell.
/// A trained network's maps have rounder corners than drawn ones: on pages that it had not seen, half way between the
/// two rectangles was best (mean IoU .90, against .87 to .89 at either end), and so were the words read from it.
struct RegionShape {
  /// How far the sides go from the rectangle around all cells (0) to that which has the spread of the cells (1).
  static let trustInSpread = 0.5
  static let mostCorners = 12

  let leastFill: Double
  let cellWidth: Double
  let cellHeight: Double

  /// - Parameters:
  ///   - kernel: what `RegionOutlines` knows of the middle of the word.
  ///   - grown: the same of all its cells; nil where the text map is blind to the word: then the middle alone counts.
  /// - Returns: clockwise from top left as the word reads; nil when the cells span nothing.
  func polygon(kernel: [Point], grown: (points: [Point], spread: CellSpread)?) -> [Point]? {
    guard let middle = Quad(around: kernel.map(inPixels)) else { return nil }
    guard let grown else { return unshrunk(middle).corners }
    let outline = grown.points.map(inPixels)
    guard let around = Quad(around: outline) else { return nil }
    let hull = ConvexHull.around(outline)
    guard Polygon(hull).area < leastFill * around.area else {
      return refitted(around, to: grown.spread).corners
    }
    return Self.ordered(Self.simplified(hull), from: around.topLeft)
  }

  /// How many steps of cells the word may reach beyond its middle.
  func reach(of kernel: [Point]) -> Int32 {
    guard let middle = Quad(around: kernel.map(inPixels)) else { return 0 }
    let cells = Self.growth(of: middle) / max(min(cellWidth, cellHeight), 1e-6)
    return Int32(min(1.2 * cells + 2, 10_000))
  }

  private func inPixels(_ point: Point) -> Point { Point(x: point.x * cellWidth, y: point.y * cellHeight) }

  private static func growth(of middle: Quad) -> Double {
    WordKernel.growth(area: middle.area, perimeter: 2 * (middle.width + middle.height))
  }

  private func unshrunk(_ middle: Quad) -> Quad { middle.grown(by: Self.growth(of: middle)) }

  /// Keeps the direction of a rectangle and moves its sides. An evenly filled rectangle of width w has the variance
  /// w^2 / 12 along it.
  private func refitted(_ quad: Quad, to spread: CellSpread) -> Quad {
    let trust = Self.trustInSpread
    let length = max(hypot(quad.topRight.x - quad.topLeft.x, quad.topRight.y - quad.topLeft.y), 1e-9)
    let along = Point(
      x: (quad.topRight.x - quad.topLeft.x) / length, y: (quad.topRight.y - quad.topLeft.y) / length)
    let across = Point(x: -along.y, y: along.x)
    func half(_ axis: Point, _ size: Double) -> Double {
      let variance = spread.variance(along: axis, cellWidth: cellWidth, cellHeight: cellHeight)
      return (trust * sqrt(12 * max(variance, 0)) + (1 - trust) * size) / 2
    }
    let (width, height) = (half(along, quad.width), half(across, quad.height))
    let mean = inPixels(spread.middle)
    let middle = Point(
      x: trust * mean.x + (1 - trust) * (quad.topLeft.x + quad.bottomRight.x) / 2,
      y: trust * mean.y + (1 - trust) * (quad.topLeft.y + quad.bottomRight.y) / 2)
    func corner(_ right: Double, _ down: Double) -> Point {
      Point(
        x: middle.x + right * width * along.x + down * height * across.x,
        y: middle.y + right * width * along.y + down * height * across.y)
    }
    return Quad(
      topLeft: corner(-1, -1), topRight: corner(1, -1), bottomRight: corner(1, 1), bottomLeft: corner(-1, 1))
  }

  /// Leaves out corners, those first that cut off least, until few enough are left.
  private static func simplified(_ hull: [Point]) -> [Point] {
    var corners = hull
    // A first thinning keeps the search below short however many corners there are.
    if corners.count > 64 {
      corners = (0..<64).map { hull[$0 * hull.count / 64] }
    }
    func loss(_ index: Int) -> Double {
      let count = corners.count
      let (a, b, c) = (corners[(index + count - 1) % count], corners[index], corners[(index + 1) % count])
      return abs((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x))
    }
    while corners.count > mostCorners, let least = corners.indices.min(by: { loss($0) < loss($1) }) {
      corners.remove(at: least)
    }
    return corners
  }

  /// Turns the ring so that it starts at the corner nearest to a place.
  private static func ordered(_ ring: [Point], from place: Point) -> [Point] {
    func distance(_ point: Point) -> Double { hypot(point.x - place.x, point.y - place.y) }
    guard let start = ring.indices.min(by: { distance(ring[$0]) < distance(ring[$1]) }) else { return ring }
    return Array(ring[start...] + ring[..<start])
  }
}
