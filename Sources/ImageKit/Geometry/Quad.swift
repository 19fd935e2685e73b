import Glibc

/// Four corners, clockwise from top left as the word reads: its baseline runs within 45 degrees of horizontal, to the
/// right. A word may be taller than wide.
public struct Quad: Sendable, Equatable {
  public let topLeft: Point
  public let topRight: Point
  public let bottomRight: Point
  public let bottomLeft: Point

  public init(topLeft: Point, topRight: Point, bottomRight: Point, bottomLeft: Point) {
    self.topLeft = topLeft
    self.topRight = topRight
    self.bottomRight = bottomRight
    self.bottomLeft = bottomLeft
  }

  /// Four points that form a convex quadrilateral are kept, whatever their order; any other polygon gets the rectangle
  /// of the least area around it.
  /// - Returns: nil when the points are not finite, or span no area.
  public init?(around polygon: [Point]) {
    guard polygon.allSatisfy({ $0.x.isFinite && $0.y.isFinite }) else { return nil }
    let hull = ConvexHull.around(polygon)
    guard hull.count > 2 else { return nil }
    var distinct: [Point] = []
    for point in polygon.prefix(6) where !distinct.contains(point) { distinct.append(point) }
    let isQuad = hull.count == 4 && distinct.count == 4 && polygon.count <= 5
    guard let corners = isQuad ? hull : Quad.leastRectangle(around: hull) else { return nil }
    self = Quad.upright(corners)
    guard area > 1e-9 else { return nil }
  }

  public var corners: [Point] { [topLeft, topRight, bottomRight, bottomLeft] }

  /// Mean length of the upper and the lower edge, in pixels.
  public var width: Double { (distance(topLeft, topRight) + distance(bottomLeft, bottomRight)) / 2 }

  /// Mean length of the left and the right edge, in pixels.
  public var height: Double { (distance(topLeft, bottomLeft) + distance(topRight, bottomRight)) / 2 }

  /// In square pixels.
  public var area: Double {
    (ConvexHull.turn(topLeft, topRight, bottomRight) + ConvexHull.turn(topLeft, bottomRight, bottomLeft)) / 2
  }

  /// Every edge moved outwards by about this many pixels (inwards when below 0).
  public func grown(by pixels: Double) -> Quad {
    let horizontal = pixels / max(width, 1e-9)
    let vertical = pixels / max(height, 1e-9)
    func place(_ corner: Point, _ beside: Point, _ across: Point) -> Point {
      Point(
        x: corner.x + (corner.x - beside.x) * horizontal + (corner.x - across.x) * vertical,
        y: corner.y + (corner.y - beside.y) * horizontal + (corner.y - across.y) * vertical)
    }
    return Quad(
      topLeft: place(topLeft, topRight, bottomLeft), topRight: place(topRight, topLeft, bottomRight),
      bottomRight: place(bottomRight, bottomLeft, topRight),
      bottomLeft: place(bottomLeft, bottomRight, topLeft))
  }

  /// Of four clockwise corners the one to start with is that from which the reading direction points right most.
  private static func upright(_ corners: [Point]) -> Quad {
    func towardsRight(_ start: Int) -> Double {
      let (a, b) = (corners[start], corners[(start + 1) % 4])
      let (c, d) = (corners[(start + 2) % 4], corners[(start + 3) % 4])
      let (x, y) = (b.x - a.x + c.x - d.x, b.y - a.y + c.y - d.y)
      return x / max(hypot(x, y), 1e-12)
    }
    var best = 0
    for start in 1..<4 where towardsRight(start) > towardsRight(best) + 1e-9 { best = start }
    return Quad(
      topLeft: corners[best], topRight: corners[(best + 1) % 4],
      bottomRight: corners[(best + 2) % 4], bottomLeft: corners[(best + 3) % 4])
  }

  /// Rotating calipers: one side of the least rectangle lies on an edge of the hull.
  private static func leastRectangle(around hull: [Point]) -> [Point]? {
    var best: (area: Double, corners: [Point])?
    var calipers = Calipers(hull)
    for edge in hull.indices {
      guard let rectangle = calipers.rectangle(on: edge) else { continue }
      if best.map({ rectangle.area < $0.area }) ?? true { best = rectangle }
    }
    return best?.corners
  }

  private func distance(_ one: Point, _ other: Point) -> Double { hypot(one.x - other.x, one.y - other.y) }
}
