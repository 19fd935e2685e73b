import Glibc
import ImageKit

/// A word as the lines see it: a bar through its middle, on a page that was turned upright.
struct PlacedWord: Sendable, Equatable {
  let centre: Point
  let width: Double
  let height: Double
  /// How much the bar falls over one pixel to the right, beyond the page's skew.
  let slope: Double

  var left: Double { centre.x - width / 2 }
  var right: Double { centre.x + width / 2 }

  func y(at x: Double) -> Double { centre.y + slope * (x - centre.x) }
}

extension PlacedWord {
  /// Places outside are moved to the edge: a polygon may come from anywhere, and products of its numbers must be finite.
  private static let limit = 1e6
  /// A quad whose baseline leaves the page's by more lies on its side (a tall letter) or is noise: its upright box counts.
  private static let sidewaysDegrees = 20.0

  /// The polygon's finite points, within bounds.
  static func bounded(_ polygon: [Point]) -> [Point] {
    polygon.filter { $0.x.isFinite && $0.y.isFinite }.map {
      Point(x: min(max($0.x, -limit), limit), y: min(max($0.y, -limit), limit))
    }
  }

  /// - Parameter polygon: bounded.
  /// - Returns: nil when there is no point.
  init?(_ polygon: [Point], turnedBackBy skew: Double) {
    let (cosine, sine) = (cos(skew * .pi / 180), sin(skew * .pi / 180))
    let turned = polygon.map { Point(x: $0.x * cosine + $0.y * sine, y: $0.y * cosine - $0.x * sine) }
    guard let first = turned.first else { return nil }
    if let quad = Quad(around: turned), abs(quad.baselineDegrees) <= Self.sidewaysDegrees {
      self.init(quad)
      return
    }
    var (low, high) = (first, first)
    for point in turned {
      low = Point(x: min(low.x, point.x), y: min(low.y, point.y))
      high = Point(x: max(high.x, point.x), y: max(high.y, point.y))
    }
    self.init(
      centre: Point(x: (low.x + high.x) / 2, y: (low.y + high.y) / 2), width: max(high.x - low.x, 1),
      height: max(high.y - low.y, 1), slope: 0)
  }

  /// The shorter a word, the less its own slope tells about its line.
  private init(_ quad: Quad) {
    let corners = quad.corners
    let angle = quad.baselineDegrees * .pi / 180
    let trust = min(max((quad.width / max(quad.height, 1) - 1) / 2, 0), 1)
    self.init(
      centre: Point(x: corners.reduce(0) { $0 + $1.x } / 4, y: corners.reduce(0) { $0 + $1.y } / 4),
      width: max(quad.width * cos(angle), 1), height: max(quad.height, 1), slope: tan(angle) * trust)
  }
}

extension Quad {
  /// The direction in which the word reads: 0 is to the right, above 0 falls.
  var baselineDegrees: Double {
    let x = topRight.x - topLeft.x + bottomRight.x - bottomLeft.x
    let y = topRight.y - topLeft.y + bottomRight.y - bottomLeft.y
    return atan2(y, x) * 180 / .pi
  }
}
