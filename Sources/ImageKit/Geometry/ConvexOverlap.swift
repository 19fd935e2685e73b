/// What two convex outlines share: one is cut along each edge of the other (Sutherland and Hodgman 1974).
enum ConvexOverlap {
  /// - Parameters: convex rings, clockwise on the image.
  static func area(_ subject: [Point], _ window: [Point]) -> Double {
    var kept = subject
    var cut: [Point] = []
    cut.reserveCapacity(subject.count + window.count)
    var start = window[window.count - 1]
    for end in window {
      guard kept.count > 2 else { return 0 }
      clip(kept, from: start, to: end, into: &cut)
      swap(&kept, &cut)
      start = end
    }
    guard kept.count > 2 else { return 0 }
    var twice = 0.0
    for index in 1..<kept.count - 1 { twice += ConvexHull.turn(kept[0], kept[index], kept[index + 1]) }
    return twice / 2
  }

  /// Keeps what lies right of the way from `start` to `end`.
  private static func clip(_ ring: [Point], from start: Point, to end: Point, into cut: inout [Point]) {
    cut.removeAll(keepingCapacity: true)
    var previous = ring[ring.count - 1]
    var previousSide = ConvexHull.turn(start, end, previous)
    for point in ring {
      let side = ConvexHull.turn(start, end, point)
      if (side >= 0) != (previousSide >= 0) {
        let share = previousSide / (previousSide - side)
        cut.append(
          Point(x: previous.x + share * (point.x - previous.x), y: previous.y + share * (point.y - previous.y)))
      }
      if side >= 0 { cut.append(point) }
      (previous, previousSide) = (point, side)
    }
  }
}
