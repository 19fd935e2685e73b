/// The smallest convex outline around points.
public enum ConvexHull {
  /// Andrew's monotone chain: clockwise as seen on the image, without points in the middle of an edge and without
  /// doubles. Fewer than three points mean that the given ones lie on a line.
  public static func around(_ points: [Point]) -> [Point] {
    let sorted = points.sorted { ($0.x, $0.y) < ($1.x, $1.y) }
    var unique: [Point] = []
    for point in sorted where unique.last != point { unique.append(point) }
    guard unique.count > 2 else { return unique }
    let upper = chain(unique)
    let lower = chain(unique.reversed())
    return Array(upper.dropLast() + lower.dropLast())
  }

  private static func chain(_ points: some Sequence<Point>) -> [Point] {
    var chain: [Point] = []
    for point in points {
      while let last = chain.last, chain.count > 1, turn(chain[chain.count - 2], last, point) <= 0 {
        chain.removeLast()
      }
      chain.append(point)
    }
    return chain
  }

  /// Twice the area of the triangle: above 0 when it goes clockwise on the image (y down).
  static func turn(_ first: Point, _ second: Point, _ third: Point) -> Double {
    (second.x - first.x) * (third.y - first.y) - (second.y - first.y) * (third.x - first.x)
  }
}
