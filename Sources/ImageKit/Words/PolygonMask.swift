/// A polygon widened by a few pixels.
struct PolygonMask {
  private let corners: [Point]
  private let reach: Double

  init(_ corners: [Point], reach: Double) {
    self.corners = corners
    self.reach = reach
  }

  /// Makes false what is true outside the polygon (even-odd rule) and farther than its reach.
  func clear(_ kept: inout [Bool], width: Int) {
    for place in kept.indices where kept[place] {
      let point = Point(x: Double(place % width) + 0.5, y: Double(place / width) + 0.5)
      kept[place] = contains(point)
    }
  }

  private func contains(_ point: Point) -> Bool {
    var isInside = false
    var previous = corners.count - 1
    for index in corners.indices {
      let (a, b) = (corners[previous], corners[index])
      if (a.y > point.y) != (b.y > point.y),
        point.x < a.x + (point.y - a.y) / (b.y - a.y) * (b.x - a.x)
      {
        isInside.toggle()
      }
      if squaredDistance(point, a, b) <= reach * reach { return true }
      previous = index
    }
    return isInside
  }

  /// To the nearest point of the edge from `a` to `b`.
  private func squaredDistance(_ point: Point, _ a: Point, _ b: Point) -> Double {
    let (dx, dy) = (b.x - a.x, b.y - a.y)
    let length = dx * dx + dy * dy
    let share = length > 0 ? min(1, max(0, ((point.x - a.x) * dx + (point.y - a.y) * dy) / length)) : 0
    let (x, y) = (point.x - a.x - share * dx, point.y - a.y - share * dy)
    return x * x + y * y
  }
}
