import Glibc
import HostKit
import ImageKit
import Testing

/// Two outlines with what each and both cover.
private typealias Covered = (
  one: [(Double, Double)], other: [(Double, Double)], areas: (Double, Double), shared: Double
)

@Suite struct PolygonGeometryTests {
  /// Random outlines, most of which cross themselves. The areas are shapely's: the even-odd area as the symmetric difference
  /// of the triangles of a fan.
  private static let golden: [Covered] = [
    (
      [(5, 39), (9, 5), (9, 39), (59, 26), (38, 30), (0, 44), (3, 18)],
      [(26, 51), (13, 64), (52, 54)], (181.320388, 188.500000), 0.000000
    ),
    (
      [(20, 41), (40, 53), (37, 1), (11, 59)],
      [(56, 38), (33, 63), (18, 13), (52, 27), (46, 43), (50, 44)], (529.000000, 841.500000), 383.756602
    ),
    (
      [(35, 18), (2, 14), (40, 38), (24, 9), (58, 54), (41, 13), (29, 0)],
      [(29, 47), (69, 23), (37, 64), (65, 16), (57, 40), (41, 46), (69, 39), (40, 13)], (575.633811, 606.176414),
      181.010644
    ),
    (
      [(11, 7), (31, 2), (58, 54), (32, 15)],
      [(25, 14), (57, 10), (13, 61), (69, 61), (35, 54), (34, 57)], (282.000000, 782.467035), 73.864385
    ),
    (
      [(43, 34), (53, 44), (52, 14)],
      [(59, 53), (28, 57), (17, 41), (52, 48)], (145.000000, 333.000000), 0.000000
    ),
    (
      [(2, 22), (55, 19), (33, 21), (2, 55)],
      [(65, 66), (66, 13), (60, 45)], (531.500000, 143.000000), 0.000000
    ),
    (
      [(23, 39), (16, 58), (56, 8), (20, 23), (20, 20), (37, 42), (52, 48), (10, 2)],
      [(26, 22), (24, 32), (32, 67), (14, 55)], (646.699816, 294.000000), 87.938601
    ),
    (
      [(9, 57), (55, 23), (37, 48)],
      [(13, 24), (19, 25), (56, 64), (49, 59), (54, 47), (31, 19)], (269.000000, 497.010955), 77.824260
    ),
    (
      [(14, 55), (38, 27), (43, 2), (49, 14)],
      [(58, 45), (54, 61), (57, 37), (56, 24)], (105.746269, 26.500000), 0.000000
    ),
    (
      [(13, 18), (26, 16), (28, 34), (46, 30)],
      [(34, 61), (59, 37), (69, 48), (65, 37), (45, 50), (37, 64), (49, 15)], (147.694737, 148.451296), 0.880906
    ),
    (
      [(13, 54), (38, 21), (45, 0)],
      [(54, 37), (65, 50), (66, 22), (33, 20), (50, 31), (11, 63), (34, 45), (49, 51)], (147.000000, 604.000000),
      6.135473
    ),
    (
      [(0, 40), (10, 26), (50, 29), (46, 6), (51, 59), (7, 10)],
      [(51, 59), (29, 48), (25, 55), (31, 41), (57, 43), (28, 30)], (606.609930, 252.350282), 112.414990
    ),
  ]

  private static func ring(_ points: [(Double, Double)]) -> Polygon {
    Polygon(points.map { Point(x: $0.0, y: $0.1) })
  }

  private static func near(_ one: Double, _ other: Double) -> Bool { abs(one - other) < 1e-4 }

  @Test(arguments: golden.indices)
  func `areas of outlines that cross themselves are those of the reference`(index: Int) {
    let golden = Self.golden[index]
    let (one, other) = (Self.ring(golden.one), Self.ring(golden.other))
    #expect(Self.near(one.area, golden.areas.0))
    #expect(Self.near(other.area, golden.areas.1))
    #expect(Self.near(one.intersectionArea(with: other), golden.shared))
    #expect(Self.near(other.intersectionArea(with: one), golden.shared))
    let union = golden.areas.0 + golden.areas.1 - golden.shared
    #expect(Self.near(one.intersectionOverUnion(with: other), golden.shared / union))
  }

  @Test func `convex outlines give the same by cutting and by sweeping`() {
    var random = SeededRandom(seed: 2)
    func hull() -> [Point] {
      ConvexHull.around(
        (0..<8).map { _ in Point(x: random.uniform(in: 0...50), y: random.uniform(in: 0...50)) })
    }
    for _ in 0..<200 {
      let (one, other) = (hull(), hull())
      // A dent of nothing makes an outline not convex without changing what it covers.
      let middle = Point(
        x: one.map(\.x).reduce(0, +) / Double(one.count), y: one.map(\.y).reduce(0, +) / Double(one.count))
      let dented = Polygon(one + [one[0], middle])
      let whole = Polygon(one)
      #expect(whole.isConvex && !dented.isConvex)
      #expect(Self.near(dented.area, whole.area))
      #expect(
        Self.near(
          dented.intersectionArea(with: Polygon(other)), whole.intersectionArea(with: Polygon(other.reversed()))))
    }
  }

  @Test func `an outline wholly covers itself whatever its direction`() {
    let ring = [Point(x: 1e6, y: 2), Point(x: 1e6 + 9, y: 5), Point(x: 1e6 + 9.5, y: 32), Point(x: 1e6 + 1, y: 28)]
    let one = Polygon(ring)
    #expect(abs(one.intersectionOverUnion(with: Polygon(ring.reversed())) - 1) < 1e-9)
    #expect(one.intersectionOverUnion(with: Polygon(ring.map { Point(x: $0.x + 20, y: $0.y) })) == 0)
  }

  @Test(arguments: [
    [], [Point(x: 1, y: 1)], [Point(x: 0, y: 0), Point(x: 5, y: 5)],
    [Point(x: 0, y: 0), Point(x: 5, y: 5), Point(x: 9, y: 9), Point(x: 2, y: 2)],
    [Point(x: 3, y: 3), Point(x: 3, y: 3), Point(x: 3, y: 3)],
    [Point(x: 0, y: 0), Point(x: .nan, y: 5), Point(x: 9, y: 0)],
    [Point(x: 0, y: 0), Point(x: .infinity, y: 5), Point(x: 9, y: 0)],
    [Point(x: 0, y: 0), Point(x: 1e300, y: 5), Point(x: 9, y: 1e300)],
  ])
  func `an outline without area covers nothing`(points: [Point]) {
    let outline = Polygon(points)
    let box = Self.ring([(0, 0), (10, 0), (10, 10), (0, 10)])
    #expect(outline.area == 0)
    #expect(outline.intersectionArea(with: box) == 0 && box.intersectionArea(with: outline) == 0)
    #expect(box.intersectionOverUnion(with: outline) == 0 && outline.intersectionOverUnion(with: outline) == 0)
    #expect(!outline.contains(Point(x: 5.5, y: 5)))
  }

  @Test func `a bow tie covers its two wings and a star not its middle`() {
    let bowTie = Self.ring([(0, 0), (4, 4), (4, 0), (0, 4)])
    #expect(Self.near(bowTie.area, 8))
    #expect(bowTie.contains(Point(x: 0.5, y: 2)) && !bowTie.contains(Point(x: 2, y: 0.5)))
    let star = Polygon(
      (0..<5).map { Point(x: 50 + 40 * sin(Double($0) * 0.8 * .pi), y: 50 - 40 * cos(Double($0) * 0.8 * .pi)) })
    #expect(!star.isConvex && !star.contains(Point(x: 50, y: 50)))
  }

  @Test func `the perimeter is the length of the closed outline`() {
    #expect(Self.near(Self.ring([(0, 0), (3, 0), (3, 4)]).perimeter, 12))
  }

  @Test(.timeLimit(.minutes(1)))
  func `an outline of many points is measured in bounded time`() {
    // A gear: 4,000 teeth around a circle.
    let gear = Polygon(
      (0..<8_000).map { index in
        let angle = Double(index) / 4_000 * .pi
        let radius = index % 2 == 0 ? 100.0 : 98.0
        return Point(x: 200 + radius * cos(angle), y: 200 + radius * sin(angle))
      })
    #expect(abs(gear.area / (.pi * 100 * 98) - 1) < 0.005)
    let half = Self.ring([(0, 0), (200, 0), (200, 400), (0, 400)])
    #expect(abs(gear.intersectionArea(with: half) / gear.area - 0.5) < 0.005)

    var random = SeededRandom(seed: 1)
    let scribble = Polygon(
      (0..<3_000).map { _ in Point(x: random.uniform(in: 0...100), y: random.uniform(in: 0...100)) })
    #expect(abs(scribble.area / 5_000 - 1) < 0.1)
  }
}
