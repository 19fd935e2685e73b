import Glibc

/// A closed outline and what it covers, by the even-odd rule. Outlines that cross themselves, lie on a line or have too
/// few points are allowed: they cover what they cover. An outline with a coordinate that is not finite, or beyond a
/// thousand million pixels, covers nothing.
public struct Polygon: Sendable, Equatable {
  /// As given.
  public let points: [Point]
  /// What it covers, in square pixels. Exact, but for outlines of more than about a hundred points that are not
  /// convex: those are good to about 0.2 %.
  public let area: Double
  public let bounds: Bounds
  /// The same outline clockwise on the image when it is convex, else empty.
  let convexRing: [Point]

  public init(_ points: [Point]) {
    self.points = points
    let isUsable = points.count > 2 && points.allSatisfy { abs($0.x) < 1e9 && abs($0.y) < 1e9 }
    guard isUsable else {
      (area, bounds, convexRing) = (0, Bounds(of: []), [])
      return
    }
    bounds = Bounds(of: points)
    let signed = Polygon.signedArea(points)
    if Polygon.isConvex(points) {
      area = abs(signed)
      convexRing = signed >= 0 ? points : points.reversed()
    } else {
      convexRing = []
      area = PolygonSweep.area(of: points)
    }
  }

  /// Whether every line between two of its points stays inside.
  public var isConvex: Bool { !convexRing.isEmpty }

  /// The length of the outline, in pixels.
  public var perimeter: Double {
    var previous = points.last ?? Point(x: 0, y: 0)
    return points.reduce(0) { sum, point in
      defer { previous = point }
      return sum + hypot(point.x - previous.x, point.y - previous.y)
    }
  }

  /// Points on the outline itself may count as either.
  public func contains(_ point: Point) -> Bool {
    guard bounds.contains(point), var previous = points.last else { return false }
    var isInside = false
    for corner in points {
      if (corner.y > point.y) != (previous.y > point.y),
        point.x < corner.x + (point.y - corner.y) / (previous.y - corner.y) * (previous.x - corner.x)
      {
        isInside.toggle()
      }
      previous = corner
    }
    return isInside
  }

  /// What both cover, in square pixels; as exact as `area`.
  public func intersectionArea(with other: Polygon) -> Double {
    guard bounds.overlaps(other.bounds), area > 0, other.area > 0 else { return 0 }
    let shared =
      isConvex && other.isConvex
      ? ConvexOverlap.area(convexRing, other.convexRing) : PolygonSweep.sharedArea(points, other.points)
    return min(max(shared, 0), area, other.area)
  }

  /// What both cover over what either covers, 0...1; 0 when neither covers anything.
  public func intersectionOverUnion(with other: Polygon) -> Double {
    let shared = intersectionArea(with: other)
    return shared > 0 ? min(1, shared / (area + other.area - shared)) : 0
  }

  /// Above 0 when the outline goes clockwise on the image (y down).
  private static func signedArea(_ points: [Point]) -> Double {
    // Around the first point: far from the origin the products would lose digits.
    var twice = 0.0
    for index in 1..<points.count - 1 { twice += ConvexHull.turn(points[0], points[index], points[index + 1]) }
    return twice / 2
  }

  /// All turns go the same way, and the outline goes around once: it moves right once and left once.
  private static func isConvex(_ points: [Point]) -> Bool {
    var (turnsLeft, turnsRight, changes) = (false, false, 0)
    let count = points.count
    func goesForward(_ index: Int) -> Bool {
      let (a, b) = (points[index % count], points[(index + 1) % count])
      return (a.x, a.y) < (b.x, b.y)
    }
    for index in 0..<count {
      let (a, b, c) = (points[index], points[(index + 1) % count], points[(index + 2) % count])
      let turn = ConvexHull.turn(a, b, c)
      turnsLeft = turnsLeft || turn < 0
      turnsRight = turnsRight || turn > 0
      changes += goesForward(index) != goesForward(index + 1) ? 1 : 0
    }
    return !(turnsLeft && turnsRight) && changes <= 2
  }
}

/// The upright rectangle around an outline, in pixels.
public struct Bounds: Sendable, Equatable {
  public let left: Double
  public let top: Double
  public let right: Double
  public let bottom: Double

  /// Without points it overlaps nothing.
  public init(of points: [Point]) {
    left = points.reduce(.infinity) { min($0, $1.x) }
    top = points.reduce(.infinity) { min($0, $1.y) }
    right = points.reduce(-.infinity) { max($0, $1.x) }
    bottom = points.reduce(-.infinity) { max($0, $1.y) }
  }

  public func overlaps(_ other: Bounds) -> Bool {
    left < other.right && other.left < right && top < other.bottom && other.top < bottom
  }

  public func contains(_ point: Point) -> Bool {
    left <= point.x && point.x <= right && top <= point.y && point.y <= bottom
  }
}
