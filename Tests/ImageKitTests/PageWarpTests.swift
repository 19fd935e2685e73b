import HostKit
import ImageKit
import Testing

/// Windows onto pages, as training draws them.
@Suite struct PageWarpTests {
  /// A page with one dark square.
  private static func page(dotAt x: Int, _ y: Int, reach: Int = 2) -> InkImage {
    var pixels = [UInt8](repeating: 0, count: 200 * 160)
    for row in y - reach...y + reach { for column in x - reach...x + reach { pixels[row * 200 + column] = 255 } }
    return InkImage(width: 200, height: 160, pixels: pixels)
  }

  private static func draw(
    _ page: InkImage, _ warp: PageWarp, _ settings: PageAugmentation, seed: UInt64 = 1
  ) -> [UInt8] {
    var picture = [UInt8](repeating: 77, count: warp.side * warp.side)
    var random = SeededRandom(seed: seed)
    var scratch = WarpScratch()
    picture.withUnsafeMutableBufferPointer {
      warp.draw(page, into: $0, settings, random: &random, scratch: &scratch)
    }
    return picture
  }

  @Test func `without augmentation a window is a part of the page`() {
    let page = Self.page(dotAt: 100, 80)
    var random = SeededRandom(seed: 1)
    let warp = PageWarp(side: 64, centre: Point(x: 90, y: 70), .none, random: &random)
    let picture = Self.draw(page, warp, .none)
    for row in 0..<64 {
      for column in 0..<64 {
        #expect(picture[row * 64 + column] == page.pixels[(row + 70 - 32) * 200 + column + 90 - 32])
      }
    }
  }

  @Test func `beyond the page's edges there is paper`() {
    var random = SeededRandom(seed: 1)
    let warp = PageWarp(side: 64, centre: Point(x: -500, y: 900), .none, random: &random)
    #expect(Self.draw(Self.page(dotAt: 10, 10), warp, .none).allSatisfy { $0 == 0 })
  }

  @Test(arguments: 0..<20)
  func `a place of the page is drawn where the map says`(seed: Int) {
    var random = SeededRandom(seed: UInt64(seed))
    var settings = PageAugmentation.standard
    settings.shade = 0
    settings.ruleProbability = 0
    settings.ink = .none
    let warp = PageWarp(side: 96, centre: Point(x: 100, y: 80), settings, random: &random)
    let picture = Self.draw(Self.page(dotAt: 106, 74), warp, settings)
    var (sum, x, y) = (0.0, 0.0, 0.0)
    for (index, ink) in picture.enumerated() {
      sum += Double(ink)
      x += Double(ink) * (Double(index % 96) + 0.5)
      y += Double(ink) * (Double(index / 96) + 0.5)
    }
    let expected = warp(Point(x: 106.5, y: 74.5))
    #expect(sum > 0)
    #expect(abs(x / sum - expected.x) < 0.7 && abs(y / sum - expected.y) < 0.7)
  }

  @Test func `the same seed draws the same picture, another another`() {
    let page = Self.page(dotAt: 100, 80, reach: 12)
    func drawn(_ seed: UInt64) -> [UInt8] {
      var random = SeededRandom(seed: seed)
      let warp = PageWarp(side: 64, centre: Point(x: 100, y: 80), .standard, random: &random)
      return Self.draw(page, warp, .standard, seed: seed)
    }
    #expect(drawn(3) == drawn(3))
    #expect(drawn(3) != drawn(4))
  }
}
