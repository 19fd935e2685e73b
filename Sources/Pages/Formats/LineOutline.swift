import Glibc
import ImageKit

/// Where a line of words lies: what layout formats say of lines, and where the invisible text of a PDF stands.
struct LineOutline {
  /// From the first word to the last, along the feet of the words.
  let start: Point
  let end: Point
  /// The usual height of a word, in pixels.
  let height: Double
  /// Around all words, clockwise.
  let polygon: [Point]

  /// - Precondition: there is a word.
  init(_ words: ArraySlice<PageWord>) {
    let quads = words.map { Quad(reading: $0.shape) }
    let axes = Axes(of: quads)
    let places = quads.map { axes.placed($0.middle) }
    height = max(quads.map(\.height).median, 1)
    // Feet of single words jump with their descenders: middles are steadier.
    let slope = Self.slope(places)
    let centre = Point(x: Self.mean(places.map(\.x)), y: Self.mean(places.map(\.y)) + height / 2)
    let ends = quads.flatMap { [axes.placed($0.bottomLeft).x, axes.placed($0.bottomRight).x] }
    func foot(_ along: Double) -> Point {
      axes.onPage(Point(x: along, y: centre.y + slope * (along - centre.x)))
    }
    start = foot(ends.min() ?? 0)
    end = foot(ends.max() ?? 0)
    let corners = words.flatMap(\.shape)
    let hull = ConvexHull.around(corners)
    polygon = hull.count > 2 ? hull : Box(around: corners).corners
  }

  /// How far the line goes down for each pixel to the right; of the usual words, whatever a single one does.
  private static func slope(_ places: [Point]) -> Double {
    let (x, y) = (mean(places.map(\.x)), mean(places.map(\.y)))
    var (products, squares) = (0.0, 0.0)
    for place in places {
      products += (place.x - x) * (place.y - y)
      squares += (place.x - x) * (place.x - x)
    }
    // Words above each other tell no direction.
    return squares > 1 ? min(max(products / squares, -1), 1) : 0
  }

  private static func mean(_ values: [Double]) -> Double {
    values.reduce(0, +) / Double(max(values.count, 1))
  }
}

/// Coordinates along and across the way a line is read.
struct Axes {
  /// Of length 1, from the start of the line to its end.
  let direction: Point

  init(direction: Point) { self.direction = direction }

  init(of quads: [Quad]) {
    var (x, y) = (0.0, 0.0)
    for quad in quads {
      x += quad.bottomRight.x - quad.bottomLeft.x + quad.topRight.x - quad.topLeft.x
      y += quad.bottomRight.y - quad.bottomLeft.y + quad.topRight.y - quad.topLeft.y
    }
    let length = hypot(x, y)
    direction = length > 1e-9 ? Point(x: x / length, y: y / length) : Point(x: 1, y: 0)
  }

  /// x along the line, y across it and down.
  func placed(_ point: Point) -> Point {
    Point(
      x: point.x * direction.x + point.y * direction.y,
      y: point.y * direction.x - point.x * direction.y)
  }

  /// Of a word along the line, in pixels.
  func width(of quad: Quad) -> Double {
    let across = quad.topRight.x + quad.bottomRight.x - quad.topLeft.x - quad.bottomLeft.x
    let down = quad.topRight.y + quad.bottomRight.y - quad.topLeft.y - quad.bottomLeft.y
    return max(abs(across * direction.x + down * direction.y) / 2, 1)
  }

  func onPage(_ place: Point) -> Point {
    Point(
      x: place.x * direction.x - place.y * direction.y,
      y: place.x * direction.y + place.y * direction.x)
  }
}

extension Quad {
  /// The corners of a word's polygon as it reads: its first corner is top left. A polygon without area gets its box.
  init(reading polygon: [Point]) {
    let corners: [Point]
    if polygon.count == 4 {
      corners = polygon
    } else {
      corners = Quad(around: polygon)?.corners ?? Box(around: polygon).corners
    }
    let first = polygon.first ?? corners[0]
    func distance(_ index: Int) -> Double {
      hypot(corners[index].x - first.x, corners[index].y - first.y)
    }
    let start = (0..<4).min { distance($0) < distance($1) } ?? 0
    self.init(
      topLeft: corners[start], topRight: corners[(start + 1) % 4],
      bottomRight: corners[(start + 2) % 4],
      bottomLeft: corners[(start + 3) % 4])
  }

  var middle: Point {
    Point(
      x: (topLeft.x + topRight.x + bottomRight.x + bottomLeft.x) / 4,
      y: (topLeft.y + topRight.y + bottomRight.y + bottomLeft.y) / 4)
  }
}

extension [Double] {
  /// 0 without values.
  var median: Double { isEmpty ? 0 : sorted()[count / 2] }
}
