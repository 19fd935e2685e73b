import Handwriting
import HostKit
import ImageKit
import JSONKit
import MarkupKit
import Testing

@testable import Pages

@Suite struct PageWriterTests {
  @Test func `text has a line for each line, an empty one between blocks and a form feed between pages`() throws {
    let pages = [WrittenPages.printed(WrittenPages.letter), WrittenPages.printed(WrittenPages.letter, number: 2)]
    let letter = "Größe <&\"'>\nżółw\n\nEnde\n"
    #expect(String(decoding: try PageWriter.file(pages, as: .text), as: UTF8.self) == letter + "\u{C}" + letter)
  }

  @Test func `a document in JSON has one page a line, each with its image`() throws {
    let pages = (1...3).map { WrittenPages.printed(WrittenPages.letter, source: "\($0).png", number: $0) }
    let lines = String(decoding: try PageWriter.file(pages, as: .json), as: UTF8.self).split(separator: "\n")
    #expect(lines.count == 3)
    for (index, line) in lines.enumerated() {
      let json = try JSON(parsing: String(line))
      #expect(json["source"]?.string == "\(index + 1).png")
      #expect(try ReadPage(json: json) == WrittenPages.letter)
    }
  }

  @Test func `a manifest that is written can be read and trained on`() throws {
    let folder = try FormatFolder()
    let path = try folder.write(
      "read.manifest",
      PageWriter.file(
        [
          WrittenPages.printed(WrittenPages.letter, source: "a.png"),
          WrittenPages.printed(WrittenPages.empty, source: "b.png"),
        ],
        as: .manifest))
    let pages = try Manifest.read(path).pages
    #expect(pages.map(\.source) == ["a.png", "b.png"])
    #expect(pages[0].words.map(\.text) == ["Größe", "<&\"'>", "żółw", "", "Ende"])
    #expect(pages[0].words.map(\.line) == [0, 0, 1, 1, 2])
    #expect(pages[0].words.map(\.polygon) == WrittenPages.letter.words.map(\.polygon))
    let line = try JSON(parsing: String(Files.readText(path).split(separator: "\n")[0]))
    #expect(line["annotations"]?["texts"]?[0]?["confidence"]?.number == 0.9712)
    #expect(line["annotations"]?["texts"]?[4]?["block_idx"]?.integer == 1)
  }

  @Test(arguments: [PageFormat.alto, .pageXML])
  func `a format of one page a file refuses the second`(_ format: PageFormat) throws {
    var writer = PageWriter(format)
    _ = try writer.append(WrittenPages.printed(WrittenPages.letter))
    #expect(throws: PageFormatError.self) { try writer.append(WrittenPages.printed(WrittenPages.letter)) }
  }

  @Test(arguments: PageFormat.allCases)
  func `empty pages and words without sense are written in every format`(_ format: PageFormat) throws {
    for page in [WrittenPages.empty, WrittenPages.odd] {
      _ = try PageWriter.file([WrittenPages.printed(page)], as: format)
    }
    _ = try PageWriter.file([], as: format)
  }

  @Test func `control characters are left out of XML and signs of markup are escaped`() {
    #expect(MarkupText.escaped("a\u{0}\u{1B}<b> & \"c\"\u{FFFF}\n") == "a&lt;b&gt; &amp; &quot;c&quot;&#10;")
  }

  @Test(arguments: [(0.1 + 0.2, "0.3"), (-0.0, "0"), (1e-9, "0"), (123_456.789, "123456.79"), (4, "4")])
  func `numbers have a point and no exponent`(_ number: Double, _ text: String) {
    #expect(number.text(places: 2) == text)
  }

  @Test func `a line's baseline runs along the feet of its words, also on a slope`() throws {
    let words = (0..<5).map { index -> PageWord in
      let (x, y) = (Double(index) * 100, Double(index) * 10)
      return PageWord(
        polygon: [
          Point(x: x, y: y), Point(x: x + 80, y: y + 8), Point(x: x + 80, y: y + 38), Point(x: x, y: y + 30),
        ], score: 1)
    }
    let outline = LineOutline(words[...])
    #expect(abs(outline.start.y - 30) < 2)
    #expect(abs(outline.end.y - 78) < 2)
    #expect(outline.end.x - outline.start.x > 470)
    #expect(abs(outline.height - 30) < 1)
  }
}
