import Glibc
import ImageKit
import Pages
import Testing

/// Layouts that people write, each drawn on purpose.
@Suite struct ReadingOrderLayoutTests {
  private static func page(lines: Int = 8, words: Int = 8) -> DrawnPage {
    var page = DrawnPage()
    page.addLines(lines, of: words)
    return page
  }

  @Test(arguments: [-40.0, -25, -10, -3, 0, 5, 15, 30, 40])
  func `a skewed page is read along its lines`(degrees: Double) {
    let page = Self.page().turned(by: degrees)
    let arranged = page.arranged()
    #expect(arranged.texts == page.texts)
    #expect(arranged.last?.line == 7)
    #expect(arranged.last?.block == 0)
    #expect(abs(ReadingOrder.skew(of: page.words) - degrees) < 0.5)
  }

  @Test(arguments: [-1.0, 1])
  func `lines may drift further than their distance`(direction: Double) {
    let page = Self.page(words: 14).moved { Point(x: $0.x, y: $0.y + direction * 0.06 * ($0.x - 100)) }
    #expect(page.arranged().texts == page.texts)
  }

  @Test func `lines may bend`() {
    let page = Self.page(words: 14).moved { Point(x: $0.x, y: $0.y + 90 * sin($0.x / 450)) }
    #expect(page.arranged().texts == page.texts)
  }

  @Test func `lines may fan out as on a page that was photographed from the side`() {
    let page = Self.page(words: 12).moved { point in
      let depth = 1 + point.x / 2_500
      return Point(x: point.x / depth + 100, y: (point.y - 400) / depth + 600)
    }
    #expect(page.arranged().texts == page.texts)
  }

  @Test func `ascenders and descenders of neighbouring lines may overlap`() {
    var page = DrawnPage()
    for line in 0..<6 {
      for word in 0..<8 {
        // Heads, tails, both and neither around a body that is 24 high; lines are 48 apart.
        let (head, tail) = [(20.0, 0.0), (0, 20), (20, 20), (0, 0)][(word + line) % 4]
        page.add(
          "\(line).\(word)", x: 100 + 110 * Double(word), y: 100 + 48 * Double(line) + (tail - head) / 2, width: 90,
          height: 24 + head + tail)
      }
    }
    #expect(page.arranged().texts == page.texts)
  }

  @Test func `small words stay on their lines`() {
    var page = DrawnPage()
    for line in 0..<4 {
      let y = 100 + 70 * Double(line)
      page.add("Capital\(line)", x: 100, y: y, width: 160, height: 56)
      page.add(",\(line)", x: 266, y: y + 24, width: 8, height: 16)
      page.add("a\(line)", x: 300, y: y + 8, width: 20, height: 20)
      page.add("-\(line)", x: 350, y: y + 6, width: 24, height: 5)
      page.add("\"\(line)", x: 400, y: y - 20, width: 12, height: 14)
      page.add("Words\(line)", x: 425, y: y, width: 140, height: 52)
      page.add(".\(line)", x: 570, y: y + 22, width: 6, height: 6)
    }
    let arranged = page.arranged()
    #expect(arranged.texts == page.texts)
    #expect(arranged.last?.line == 3)
  }

  @Test func `an insertion above a line is read in its place`() {
    var page = DrawnPage()
    page.addLines(4, of: 8)
    page.add("new", x: 470, y: 310 - 32, width: 45, height: 22)
    let lines = page.arranged().linesOfTexts
    #expect(lines.count == 4)
    #expect(lines[3] == ["3.0", "3.1", "3.2", "3.3", "new", "3.4", "3.5", "3.6", "3.7"])
  }

  @Test(arguments: [2, 3, 4])
  func `columns are read one after another`(count: Int) {
    var page = DrawnPage()
    for column in 0..<count {
      // Their lines need not stand at one height.
      page.addLines(
        7 - column, of: 4, name: "c\(column) ", x: 100 + 520 * Double(column), y: 100 + 25 * Double(column))
    }
    let arranged = page.arranged()
    #expect(arranged.texts == page.texts)
    #expect(arranged.last?.block == count - 1)
    #expect(page.turned(by: 12).arranged().texts == page.texts)
  }

  @Test func `a heading across columns is read first and a line below them last`() {
    var page = DrawnPage()
    page.addLines(1, of: 9, name: "heading ", y: 100)
    page.addLines(5, of: 4, name: "left ", y: 200)
    page.addLines(5, of: 4, name: "right ", x: 620, y: 200)
    page.addLines(1, of: 9, name: "foot ", y: 600)
    let arranged = page.arranged()
    #expect(arranged.texts == page.texts)
    #expect(arranged.last?.block == 3)
  }

  @Test func `a note in the margin does not break the lines beside it`() {
    var page = DrawnPage()
    page.addLines(10, of: 7)
    for line in 0..<4 {
      page.add("note \(line)", x: 960, y: 300 + 45 * Double(line), width: 90, height: 25)
    }
    #expect(page.arranged().texts == page.texts)
  }

  @Test func `one wide gap is no gutter`() {
    var page = DrawnPage()
    page.addLines(1, of: 2, name: "greeting ")
    page.addLines(1, of: 2, name: "date ", x: 700)
    page.addLines(5, of: 8, name: "letter ", y: 170)
    let arranged = page.arranged()
    #expect(arranged.texts == page.texts)
    #expect(arranged.linesOfTexts.first == ["greeting 0.0", "greeting 0.1", "date 0.0", "date 0.1"])
  }

  @Test func `a larger distance between lines begins a block`() {
    var page = DrawnPage()
    page.addLines(3, of: 6, name: "one ")
    page.addLines(4, of: 6, name: "two ", y: 380)
    let arranged = page.arranged()
    #expect(arranged.texts == page.texts)
    #expect(arranged.map(\.block) == Array(repeating: 0, count: 18) + Array(repeating: 1, count: 24))
    #expect(arranged.isWellNumbered)
  }

  @Test func `large words of a title beside small ones make one line`() {
    var page = DrawnPage()
    page.add("Title", x: 100, y: 100, width: 300, height: 110)
    page.add("of", x: 430, y: 115, width: 50, height: 45)
    page.add("Works", x: 510, y: 100, width: 300, height: 110)
    page.addLines(5, of: 8, y: 230)
    let arranged = page.arranged()
    #expect(arranged.texts == page.texts)
    #expect(arranged.linesOfTexts.first == ["Title", "of", "Works"])
  }
}
