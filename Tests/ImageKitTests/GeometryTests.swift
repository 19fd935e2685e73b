import Glibc
import HostKit
import ImageKit
import Testing

@Suite struct GeometryTests {
  static func turned(_ points: [Point], degrees: Double) -> [Point] {
    let angle = degrees * .pi / 180
    return points.map {
      Point(x: 500 + $0.x * cos(angle) - $0.y * sin(angle), y: 500 + $0.x * sin(angle) + $0.y * cos(angle))
    }
  }

  static func near(_ one: [Point], _ other: [Point]) -> Bool {
    one.count == other.count && zip(one, other).allSatisfy { hypot($0.x - $1.x, $0.y - $1.y) < 1e-6 }
  }

  static let word = [Point(x: 3, y: 2), Point(x: 90, y: 5), Point(x: 95, y: 32), Point(x: 1, y: 28)]

  static let orders: [[Int]] = (0..<256).map { [$0 & 3, $0 >> 2 & 3, $0 >> 4 & 3, $0 >> 6] }
    .filter { Set($0).count == 4 }

  @Test(arguments: orders)
  func `four corners in any order go clockwise from top left`(order: [Int]) {
    #expect(Quad(around: order.map { Self.word[$0] })?.corners == Self.word)
  }

  @Test func `a closed ring of four corners is a quad`() {
    #expect(Quad(around: Self.word + [Self.word[0]])?.corners == Self.word)
  }

  @Test(arguments: [-44, -30, -3, 0, 3, 30, 44] as [Double], [(80.0, 20.0), (10.0, 60.0)])
  func `a word of either shape keeps its reading direction`(degrees: Double, size: (Double, Double)) throws {
    let (width, height) = size
    let box = [
      Point(x: 0, y: 0), Point(x: width, y: 0), Point(x: width, y: height), Point(x: 0, y: height),
    ]
    let corners = Self.turned(box, degrees: degrees)
    let quad = try #require(Quad(around: [corners[2], corners[3], corners[0], corners[1]]))
    #expect(Self.near(quad.corners, corners))
    #expect(abs(quad.width - width) < 1e-9 && abs(quad.height - height) < 1e-9)

    let middle = Point(x: (corners[0].x + corners[2].x) / 2, y: (corners[0].y + corners[2].y) / 2)
    let half = Point(x: (corners[0].x + corners[1].x) / 2, y: (corners[0].y + corners[1].y) / 2)
    let many = try #require(Quad(around: [middle, corners[1], half, corners[3], corners[0], corners[2]]))
    #expect(Self.near(many.corners, corners))
  }

  @Test func `the least rectangle is never larger than any turned box`() throws {
    var random = SeededRandom(seed: 4)
    for _ in 0..<50 {
      let points = (0..<12).map { _ in
        Point(x: random.uniform(in: 0...100), y: random.uniform(in: 0...40))
      }
      let quad = try #require(Quad(around: points))
      for degrees in 0..<90 {
        let turned = Self.turned(points, degrees: Double(degrees))
        let (xs, ys) = (turned.map(\.x).sorted(), turned.map(\.y).sorted())
        #expect(quad.area <= (xs[11] - xs[0]) * (ys[11] - ys[0]) + 1e-6)
      }
      let grown = quad.grown(by: 1e-6)
      let toBox = try #require(Homography(from: grown, toWidth: 1, height: 1))
      #expect(points.map { toBox($0) }.allSatisfy { 0...1 ~= $0.x && 0...1 ~= $0.y })
    }
  }

  @Test(arguments: [
    [], [Point(x: 1, y: 1)], [Point(x: 0, y: 0), Point(x: 5, y: 5), Point(x: 9, y: 9), Point(x: 2, y: 2)],
    [Point(x: 3, y: 3), Point(x: 3, y: 3), Point(x: 3, y: 3)],
    [Point(x: 0, y: 0), Point(x: .nan, y: 5), Point(x: 9, y: 0)],
    [Point(x: 0, y: 0), Point(x: .infinity, y: 5), Point(x: 9, y: 0)],
  ])
  func `a polygon without area is no quad`(polygon: [Point]) { #expect(Quad(around: polygon) == nil) }

  @Test func `the hull leaves out what is inside or on an edge`() {
    let corners = [Point(x: 0, y: 0), Point(x: 4, y: 0), Point(x: 4, y: 3), Point(x: 0, y: 3)]
    let inner = [Point(x: 2, y: 1), Point(x: 2, y: 0), Point(x: 4, y: 2), Point(x: 0, y: 0)]
    #expect(ConvexHull.around(inner + corners) == corners)
  }

  @Test func `growing moves each edge of a rectangle outwards`() {
    let quad = Quad(
      topLeft: Point(x: 10, y: 10), topRight: Point(x: 30, y: 10), bottomRight: Point(x: 30, y: 20),
      bottomLeft: Point(x: 10, y: 20))
    let wanted = [Point(x: 8, y: 8), Point(x: 32, y: 8), Point(x: 32, y: 22), Point(x: 8, y: 22)]
    #expect(Self.near(quad.grown(by: 2).corners, wanted))
  }

  @Test func `a homography maps corners to corners and diagonals to diagonals`() throws {
    let quad = try #require(Quad(around: Self.word))
    let map = try #require(Homography(from: quad, toWidth: 200, height: 50))
    let box = [Point(x: 0, y: 0), Point(x: 200, y: 0), Point(x: 200, y: 50), Point(x: 0, y: 50)]
    #expect(Self.near(quad.corners.map { map($0) }, box))
    // The diagonals' crossing, found without the map.
    let (a, b, c, d) = (quad.topLeft, quad.topRight, quad.bottomRight, quad.bottomLeft)
    let cross = (c.x - a.x) * (d.y - b.y) - (c.y - a.y) * (d.x - b.x)
    let share = ((b.x - a.x) * (d.y - b.y) - (b.y - a.y) * (d.x - b.x)) / cross
    let middle = Point(x: a.x + share * (c.x - a.x), y: a.y + share * (c.y - a.y))
    #expect(Self.near([map(middle)], [Point(x: 100, y: 25)]))
    let back = try #require(Homography(fromWidth: 200, height: 50, to: quad))
    #expect(Self.near([back(map(Point(x: 40, y: 20)))], [Point(x: 40, y: 20)]))
  }

  @Test func `an affine homography is the known one`() throws {
    let quad = Quad(
      topLeft: Point(x: 1, y: 2), topRight: Point(x: 5, y: 2), bottomRight: Point(x: 5, y: 4),
      bottomLeft: Point(x: 1, y: 4))
    let map = try #require(Homography(from: quad, toWidth: 40, height: 40))
    #expect(Self.near([map(Point(x: 2, y: 3))], [Point(x: 10, y: 20)]))
  }
}
