import Glibc
import Handwriting
import HostKit
import ImageKit
import Pages
import Testing

@testable import Reports

/// Polygons and texts over a page.
struct OverlayTests {
  static let square = [Point(x: 10, y: 20), Point(x: 50, y: 20), Point(x: 50, y: 40), Point(x: 10, y: 40)]
  static let hostile = #"</text><script>alert(1)</script>"#

  static func page(_ texts: [String]) -> ReadPage {
    ReadPage(
      width: 100, height: 60,
      words: texts.enumerated().map {
        PageWord(polygon: square, score: 0.9, text: $1, confidence: 0.5, line: $0)
      })
  }

  @Test func `an SVG holds the page, the polygons and the texts, and nothing from elsewhere`() throws {
    let image = try EmbeddedImage(GreyImage(width: 100, height: 60, shade: 200))
    let svg = Overlay(Self.page(["Proof"])).svg(over: image, title: "a <page>")
    #expect(svg.contains(#"<polygon points="10,20 50,20 50,40 10,40""#) && svg.contains(">Proof</text>"))
    #expect(svg.contains("data:image/jpeg;base64,") && svg.contains("<title>Proof (50.0 %)</title>"))
    #expect(svg.contains("<title>a &lt;page&gt;</title>"))
    #expect(svg.components("http").count == 2, "the name space is the only address")
  }

  @Test func `markup in a text stays text`() throws {
    let image = try EmbeddedImage(GreyImage(width: 100, height: 60))
    let svg = Overlay(Self.page([Self.hostile, "\u{1}\u{FFFE}&\"'"])).svg(over: image, title: Self.hostile)
    #expect(!svg.contains("<script") && svg.contains("&lt;/text&gt;&lt;script&gt;"))
    #expect(svg.contains("\u{FFFD}\u{FFFD}&amp;&quot;&#39;</text>"))
  }

  @Test func `a text is written along a slanted word and no longer than it`() throws {
    let slanted = [Point(x: 0, y: 50), Point(x: 40, y: 10), Point(x: 50, y: 20), Point(x: 10, y: 60)]
    let place = try #require(TextPlace(above: slanted, usual: 6))
    #expect(abs(place.angle + 45) < 1e-6 && abs(place.length - 40 * 2.0.squareRoot()) < 1e-6)
    #expect(place.x < 0 && place.y < 50, "above the edge means left of it here")
    var overlay = Overlay(Self.page(["a very long text for such a word"]))
    overlay.words[0].polygon = slanted
    let svg = overlay.svg(over: try EmbeddedImage(GreyImage(width: 100, height: 60)), title: "t")
    #expect(svg.contains(#"textLength="56.6""#) && svg.contains("rotate(-45 "))
  }

  @Test func `a PNG has the page in grey and the words in colour`() throws {
    let page = GreyImage(width: 100, height: 60, shade: 200)
    let overlay = Overlay(Self.page(["I"]))
    let picture = try ImageDecoder.grey(overlay.png(over: page)).image
    #expect(picture.width == 100 && picture.height == 60)
    #expect(picture[90, 50] == 200 && picture[30, 20] < 150, "nothing outside, an edge on the polygon")
    #expect(picture[30, 30] < 200 && picture[30, 30] > 150, "a veil within")
    #expect((5..<20).contains { y in (8..<20).contains { picture[$0, y] < 150 } }, "letters above")
  }

  @Test func `a smaller page gets the words scaled`() throws {
    let overlay = Overlay(Self.page([""]))
    let picture = try ImageDecoder.grey(overlay.png(over: GreyImage(width: 50, height: 30))).image
    #expect(picture[15, 10] < 150 && picture[30, 20] == 255)
  }

  @Test func `words outside of the page or of all bounds do no harm`() throws {
    var page = Self.page(["a", "b", "c"])
    page.words[0].polygon = page.words[0].polygon.map { Point(x: $0.x - 900_000, y: $0.y + 900_000) }
    page.words[1].polygon[0].x = .nan
    page.words[2].polygon = [Point(x: 1, y: 1), Point(x: 1, y: 1), Point(x: 1, y: 1)]
    let overlay = Overlay(page)
    #expect(overlay.words.count == 2)
    _ = try overlay.png(over: GreyImage(width: 100, height: 60), style: OverlayStyle(showsOrder: true))
    let image = try EmbeddedImage(GreyImage(width: 100, height: 60))
    #expect(!overlay.svg(over: image, title: "t").contains("nan"))
  }

  @Test(.timeLimit(.minutes(1)))
  func `thousands of words that cover the whole page take seconds`() throws {
    let whole = (0..<1_000).map { Point(x: 300 + 290 * cos(Double($0)), y: 300 + 290 * sin(Double($0))) }
    let words = [PageWord](repeating: PageWord(polygon: whole, score: 1, text: "x"), count: 100)
    let overlay = Overlay(ReadPage(width: 600, height: 600, words: words))
    #expect(overlay.words[0].polygon.count == Overlay.maximumCorners)
    _ = try overlay.png(over: GreyImage(width: 150, height: 150))
  }

  @Test func `colours tell the line or the confidence`() {
    let overlay = Overlay(Self.page(["a", "b"]))
    let byLine = OverlayStyle(colouring: .line)
    #expect(byLine.colour(of: overlay.words[0]) != byLine.colour(of: overlay.words[1]))
    var word = overlay.words[0]
    word.line = -3
    #expect(OverlayStyle.lineColours.contains(byLine.colour(of: word)))
    let byConfidence = OverlayStyle(colouring: .confidence)
    word.confidence = 0
    #expect(byConfidence.colour(of: word).hex == "#c61a1a")
    word.confidence = 1
    #expect(byConfidence.colour(of: word).hex == "#1b7f3b")
  }

  @Test func `a file that is not upright as stored is not embedded as it is`() throws {
    let upright = try ImageEncoder.jpeg(GreyImage(width: 8, height: 8))
    #expect(try EmbeddedImage(file: upright) != nil)
    let exif: [UInt8] =
      [0xFF, 0xE1, 0, 34] + Array("Exif\0\0MM\0*".utf8) + [0, 0, 0, 8, 0, 1, 1, 0x12, 0, 3, 0, 0, 0, 1, 0, 6, 0, 0]
      + [0, 0, 0, 0]
    #expect(try EmbeddedImage(file: Array(upright[..<2]) + exif + upright[2...]) == nil)
  }
}

/// The letters and lines of pictures.
struct CanvasTests {
  @Test func `letters and lines leave ink`() {
    var canvas = Canvas(width: 20, height: 12)
    canvas.text("I", x: 0, y: 0, colour: Colour(grey: 0))
    #expect((0..<7).allSatisfy { canvas.shade(2, $0) == 0 })
    canvas.line(from: Point(x: 10, y: 2), to: Point(x: 10, y: 9), colour: Colour(grey: 0))
    #expect(canvas.shade(10, 5) < 60 && canvas.shade(13, 5) == 255)
  }

  @Test func `a steep long line is whole`() {
    var canvas = Canvas(width: 100, height: 100)
    canvas.line(from: Point(x: 1, y: 1), to: Point(x: 98, y: 60), colour: Colour(grey: 0))
    #expect((1...98).allSatisfy { x in (0..<100).contains { canvas.shade(x, $0) < 128 } })
  }

  @Test func `what lies far outside is cut off at once`() {
    var canvas = Canvas(width: 10, height: 10)
    canvas.line(from: Point(x: -1e6, y: -1e6), to: Point(x: 1e6, y: 1e6), colour: Colour(grey: 0))
    canvas.fill([Point(x: -1e6, y: 5), Point(x: 1e6, y: 5), Point(x: 0, y: 1e6)], colour: Colour(grey: 0), opacity: 1)
    #expect(canvas.shade(2, 2) == 0 && canvas.shade(9, 0) == 255 && canvas.shade(0, 9) == 0)
  }

  @Test(arguments: ["ü", "É", "£", "i", "€", "ß", "ñ"] as [Character])
  func `letters of western Europe have a shape of their own`(letter: Character) {
    #expect(BitmapFont.columns(of: letter) != BitmapFont.columns(of: "?"))
  }

  @Test func `an unknown letter is a question mark`() {
    #expect(BitmapFont.columns(of: "漢") == BitmapFont.columns(of: "?"))
    #expect(BitmapFont.columns(of: "?").contains { $0 != 0 })
  }
}

struct MarkupTests {
  @Test(arguments: [(0.0, "0"), (1, "1"), (-2.55, "-2.6"), (3.04, "3"), (1e300, "0"), (.nan, "0"), (-0.01, "0")])
  func `numbers are short`(value: Double, text: String) {
    #expect(Markup.number(value) == text)
  }

  @Test(arguments: [("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foobar", "Zm9vYmFy")])
  func `base 64 is the usual one`(text: String, expected: String) {
    #expect(Base64.text(Array(text.utf8)) == expected)
  }

  @Test func `JSON cannot end its script element`() {
    #expect(Markup.scriptSafe(#"["</script><!--"]"#) == #"["\u003c/script\u003e\u003c!--"]"#)
  }
}

extension Canvas {
  /// The red part of a pixel.
  fileprivate func shade(_ x: Int, _ y: Int) -> UInt8 { image.pixels[(y * width + x) * 3] }
}

extension String {
  fileprivate func components(_ separator: String) -> [Substring] {
    split(separator: separator, omittingEmptySubsequences: false)
  }
}
