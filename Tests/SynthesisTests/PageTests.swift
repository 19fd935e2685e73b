import Handwriting
import HostKit
import ImageKit
import Testing

@testable import Synthesis

@Suite(.enabled(if: Fonts.areInstalled, Fonts.skipped)) struct PageTests {
  static func pages() throws -> PageSynthesizer { try PageSynthesizer(words: Fonts.synthesizer(), widths: 360...380) }

  @Test func `a page depends on its seed and index only`() throws {
    let pages = try Self.pages()
    _ = try pages.page(seed: 1, index: 0)
    #expect(try pages.page(seed: 1, index: 3) == Self.pages().page(seed: 1, index: 3))
  }

  @Test(arguments: 0..<4) func `polygons lie inside the page and have ink`(index: Int) throws {
    let page = try Self.pages().page(seed: 2, index: index)
    let (width, height) = (Double(page.image.width), Double(page.image.height))
    #expect(page.words.count >= 8)
    for word in page.words {
      #expect(word.kind == "H" && word.polygon.count == 4)
      #expect(word.polygon.allSatisfy { $0.x >= 0 && $0.y >= 0 && $0.x < width && $0.y < height })
      let shades = Self.shades(in: word.polygon, of: page.image)
      let lightest = shades.max() ?? 0
      #expect(lightest - (shades.min() ?? 0) > 12, "\(word.text) on page \(index)")
    }
  }

  @Test func `a word's polygon contains its strokes`() throws {
    var random = SeededRandom(seed: 8)
    let font = try #require(Fonts.installed.first { $0.canWrite("proofyg") })
    let hand = Hand(using: &random)
    let layout = PageLayout(width: 800, using: &random)
    let words = layout.words(width: 800, height: 600, count: 30, using: &random) { random in
      ("proofyg", WordShape("proofyg", font: font, hand: hand, using: &random))
    }
    let sheet = try Sheet(width: 800, height: 600, using: &random)
    var seen = 0
    for word in words {
      guard let polygon = sheet.seen(word.box(scale: layout.scale)) else { continue }
      seen += 1
      for spot in word.shape.contours.joined() {
        #expect(Self.contains(polygon, sheet.view(word.onSheet(spot, scale: layout.scale))))
      }
    }
    #expect(seen > 5)
  }

  @Test(arguments: [100...150, 1000...9000]) func `pages of impossible sizes are refused`(widths: ClosedRange<Int>)
    throws
  {
    let error = #expect(throws: SynthesisError.self) {
      try PageSynthesizer(words: Fonts.synthesizer(), widths: widths)
    }
    #expect(error?.code == .impossibleSize)
  }

  private static func shades(in polygon: [Point], of image: GreyImage) -> [Int] {
    let xs = polygon.map { Int($0.x) }
    let ys = polygon.map { Int($0.y) }
    var shades: [Int] = []
    for y in (ys.min() ?? 0)...(ys.max() ?? 0) {
      for x in (xs.min() ?? 0)...(xs.max() ?? 0) { shades.append(Int(image[x, y])) }
    }
    return shades
  }

  /// For convex polygons, clockwise on the screen.
  private static func contains(_ polygon: [Point], _ point: Point) -> Bool {
    zip(polygon, polygon.dropFirst() + polygon.prefix(1)).allSatisfy { from, to in
      (to.x - from.x) * (point.y - from.y) - (to.y - from.y) * (point.x - from.x) >= 0
    }
  }
}
