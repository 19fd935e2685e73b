/// A map of the plane that keeps lines straight: how a flat page looks from another place.
public struct Homography: Sendable, Equatable {
  /// Row by row; the ninth element is 1.
  let elements: [Double]

  /// Maps the quad's corners to those of the upright rectangle (0, 0)...(width, height), exactly.
  /// - Returns: nil when three corners lie on a line.
  public init?(from quad: Quad, toWidth width: Double, height: Double) {
    let rectangle = [
      Point(x: 0, y: 0), Point(x: width, y: 0), Point(x: width, y: height), Point(x: 0, y: height),
    ]
    self.init(quad.corners, to: rectangle)
  }

  /// Maps the corners of the upright rectangle (0, 0)...(width, height) to the quad's: where a crop's pixel comes from.
  public init?(fromWidth width: Double, height: Double, to quad: Quad) {
    let rectangle = [
      Point(x: 0, y: 0), Point(x: width, y: 0), Point(x: width, y: height), Point(x: 0, y: height),
    ]
    self.init(rectangle, to: quad.corners)
  }

  /// Four points each, in the same order: eight equations for eight unknowns.
  init?(_ sources: [Point], to targets: [Point]) {
    var rows: [[Double]] = []
    for (s, t) in zip(sources, targets) {
      rows.append([s.x, s.y, 1, 0, 0, 0, -s.x * t.x, -s.y * t.x, t.x])
      rows.append([0, 0, 0, s.x, s.y, 1, -s.x * t.y, -s.y * t.y, t.y])
    }
    guard let solution = Homography.solve(rows) else { return nil }
    elements = solution + [1]
  }

  public func callAsFunction(_ point: Point) -> Point {
    let m = elements
    let weight = m[6] * point.x + m[7] * point.y + m[8]
    return Point(
      x: (m[0] * point.x + m[1] * point.y + m[2]) / weight,
      y: (m[3] * point.x + m[4] * point.y + m[5]) / weight)
  }

  /// Gauss-Jordan with row exchange; each row is the coefficients and then the right side.
  private static func solve(_ equations: [[Double]]) -> [Double]? {
    var rows = equations
    let count = rows.count
    let scale = rows.joined().reduce(0) { max($0, abs($1)) }
    for column in 0..<count {
      var pivot = column
      for row in column..<count where abs(rows[row][column]) > abs(rows[pivot][column]) { pivot = row }
      guard abs(rows[pivot][column]) > 1e-13 * scale else { return nil }
      rows.swapAt(column, pivot)
      let divisor = rows[column][column]
      for index in column...count { rows[column][index] /= divisor }
      for row in 0..<count where row != column && rows[row][column] != 0 {
        let factor = rows[row][column]
        for index in column...count { rows[row][index] -= factor * rows[column][index] }
      }
    }
    return rows.map { $0[count] }
  }
}
