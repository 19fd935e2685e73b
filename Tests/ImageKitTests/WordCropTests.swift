import Glibc
import ImageKit
import Testing

@Suite struct WordCropTests {
  /// A word 120 x 30: its left quarter dark on top, its right quarter dark at the bottom.
  static func shade(_ u: Double, _ v: Double) -> Int {
    (u > 0 && u < 30 && v > 0 && v < 15) || (u > 90 && u < 120 && v > 15 && v < 30) ? 30 : 210
  }

  static func page(degrees: Double, scale: Double = 1) -> (page: GreyImage, polygon: [Point]) {
    let angle = degrees * .pi / 180
    let side = Int(200 * scale)
    let middle = Double(side) / 2
    let page = Drawings.image(side, side) { x, y in
      let (dx, dy) = ((Double(x) + 0.5 - middle) / scale, (Double(y) + 0.5 - middle) / scale)
      return shade(dx * cos(angle) + dy * sin(angle) + 60, -dx * sin(angle) + dy * cos(angle) + 15)
    }
    let corners = [(-60.0, -15.0), (60.0, -15.0), (60.0, 15.0), (-60.0, 15.0)].map { u, v in
      Point(
        x: middle + scale * (u * cos(angle) - v * sin(angle)),
        y: middle + scale * (u * sin(angle) + v * cos(angle)))
    }
    return (page, corners)
  }

  /// Away from the edges, where the sampling mixes.
  static func isTheWord(_ crop: GreyImage) -> Bool {
    [(0.125, 0.25), (0.125, 0.75), (0.5, 0.5), (0.875, 0.25), (0.875, 0.75)].allSatisfy { u, v in
      let found = Int(crop[Int(u * Double(crop.width)), Int(v * Double(crop.height))])
      return abs(found - shade(u * 120, v * 30)) < 10
    }
  }

  @Test(arguments: [-40, -15, 0, 15, 40] as [Double])
  func `a turned word comes out upright`(degrees: Double) throws {
    let (page, polygon) = Self.page(degrees: degrees)
    let crop = try #require(WordCrop.cut(page, polygon, margin: 0))
    #expect((crop.width, crop.height) == (120, 30))
    #expect(Self.isTheWord(crop))
  }

  @Test func `a large word is scaled down in proportion`() throws {
    let (page, polygon) = Self.page(degrees: 10, scale: 3)
    let crop = try #require(WordCrop.cut(page, polygon, maximumHeight: 24, margin: 0))
    #expect((crop.width, crop.height) == (96, 24))
    #expect(Self.isTheWord(crop))
  }

  @Test func `fine stripes scaled down become even grey`() throws {
    let page = Drawings.image(400, 200) { x, _ in x % 2 * 200 }
    let box = [Point(x: 20, y: 20), Point(x: 380, y: 20), Point(x: 380, y: 180), Point(x: 20, y: 180)]
    let crop = try #require(WordCrop.cut(page, box, maximumHeight: 32, margin: 0))
    #expect(crop.pixels.allSatisfy { abs(Int($0) - 100) < 8 })
  }

  @Test func `a margin adds paper on each side`() throws {
    let (page, polygon) = Self.page(degrees: 0)
    let crop = try #require(WordCrop.cut(page, polygon, margin: 0.1))
    #expect((crop.width, crop.height) == (126, 36))
  }

  @Test func `what lies outside the polygon is paper`() throws {
    // A neighbour's stroke in the corner that the polygon leaves out.
    let page = Drawings.image(100, 60) { x, y in (x > 70 && y < 25) || (x > 20 && x < 30) ? 10 : 200 }
    let polygon = [
      Point(x: 10, y: 10), Point(x: 65, y: 10), Point(x: 65, y: 30), Point(x: 90, y: 30), Point(x: 90, y: 50),
      Point(x: 10, y: 50),
    ]
    let crop = try #require(WordCrop.cut(page, polygon, margin: 0))
    #expect((crop.width, crop.height) == (80, 40))
    #expect(crop[70, 5] > 190)
    #expect(crop[15, 20] < 20)
  }

  @Test func `a polygon over the page's edge is filled up with paper`() throws {
    let page = GreyImage(width: 50, height: 50, shade: 180)
    let polygon = [Point(x: 30, y: 10), Point(x: 90, y: 10), Point(x: 90, y: 30), Point(x: 30, y: 30)]
    let crop = try #require(WordCrop.cut(page, polygon, margin: 0))
    #expect((crop.width, crop.height) == (60, 20))
    #expect(crop.pixels.allSatisfy { abs(Int($0) - 180) <= 1 })
  }

  @Test(arguments: [
    [Point(x: 60, y: 0), Point(x: 90, y: 0), Point(x: 90, y: 20), Point(x: 60, y: 20)],
    [Point(x: -60, y: 0), Point(x: -9, y: 0), Point(x: -9, y: 20), Point(x: -60, y: 20)],
    [Point(x: 3, y: 3), Point(x: 30, y: 3), Point(x: 30, y: 3.5), Point(x: 3, y: 3.5)],
    [Point(x: 3, y: 3), Point(x: 30, y: 3)],
    [Point(x: 0, y: 0), Point(x: 1e300, y: 0), Point(x: 30, y: 1e300)],
    [Point(x: 0, y: 0), Point(x: .nan, y: 0), Point(x: 30, y: 30)],
  ])
  func `a polygon off the page or without area gives no crop`(polygon: [Point]) {
    #expect(WordCrop.cut(GreyImage(width: 50, height: 50), polygon, margin: 0) == nil)
  }

  @Test func `an endless polygon gives a bounded crop`() throws {
    let polygon = [Point(x: 0, y: 0), Point(x: 100_000, y: 0), Point(x: 100_000, y: 40), Point(x: 0, y: 40)]
    let crop = try #require(WordCrop.cut(GreyImage(width: 50, height: 50), polygon))
    #expect(crop.width <= WordCrop.maximumWidth && crop.height <= 64)
  }

  @Test func `an outline of very many corners is cut all the same`() throws {
    let (page, _) = Self.page(degrees: 0)
    let ring = (0..<5000).map { step in
      let angle = Double(step) / 5000 * 2 * .pi
      return Point(x: 100 + 60 * cos(angle), y: 100 + 15 * sin(angle))
    }
    let crop = try #require(WordCrop.cut(page, ring))
    #expect(crop.width > crop.height)
  }
}
