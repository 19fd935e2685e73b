import Glibc

/// Rectangles on the edges of a convex hull, one after another: the touching points only move forward, so that all
/// edges together cost time linear in the number of points.
struct Calipers {
  private let hull: [Point]
  private var ahead = 1
  private var across = 1
  private var behind = 1

  /// - Parameter hull: clockwise on the image, at least three points, no three on a line.
  init(_ hull: [Point]) { self.hull = hull }

  /// Ask for edges in rising order.
  mutating func rectangle(on edge: Int) -> (area: Double, corners: [Point])? {
    let start = hull[edge]
    let end = hull[(edge + 1) % hull.count]
    let length = hypot(end.x - start.x, end.y - start.y)
    guard length > 0 else { return nil }
    let along = Point(x: (end.x - start.x) / length, y: (end.y - start.y) / length)
    let inward = Point(x: -along.y, y: along.x)
    func reach(_ index: Int, _ axis: Point) -> Double {
      let point = hull[index % hull.count]
      return (point.x - start.x) * axis.x + (point.y - start.y) * axis.y
    }
    func advance(_ index: Int, _ axis: Point) -> Int {
      var index = index
      while index < 3 * hull.count, reach(index + 1, axis) > reach(index, axis) { index += 1 }
      return index
    }
    ahead = advance(max(ahead, edge + 1), along)
    across = advance(max(across, ahead), inward)
    behind = advance(max(behind, across), Point(x: -along.x, y: -along.y))
    let (right, depth, left) = (reach(ahead, along), reach(across, inward), reach(behind, along))
    func corner(_ x: Double, _ y: Double) -> Point {
      Point(x: start.x + along.x * x + inward.x * y, y: start.y + along.y * x + inward.y * y)
    }
    let corners = [corner(left, 0), corner(right, 0), corner(right, depth), corner(left, depth)]
    return ((right - left) * depth, corners)
  }
}
