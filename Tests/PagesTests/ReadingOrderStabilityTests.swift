import HostKit
import ImageKit
import Pages
import Testing

/// What holds for any words at all.
@Suite struct ReadingOrderStabilityTests {
  @Test(arguments: 0..<20)
  func `the order of what is given does not matter`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let words = [PageWord].random(Int(random.next() % 150), seed: seed)
    let first = ReadingOrder.arrange(words)
    #expect(first.isWellNumbered)
    #expect(first.texts.sorted() == words.texts.sorted())
    #expect(ReadingOrder.arrange(first) == first)
    for _ in 0..<10 {
      #expect(ReadingOrder.arrange(words.shuffled(using: &random)) == first)
    }
  }

  @Test func `no words make no lines`() {
    #expect(ReadingOrder.arrange([]).isEmpty)
    #expect(ReadingOrder.skew(of: []) == 0)
  }

  @Test func `one word is line 0 of block 0`() throws {
    var page = DrawnPage()
    page.add("only", x: 5, y: 5, width: 40)
    var word = try #require(page.words.first)
    (word.line, word.block) = (7, 3)
    let arranged = ReadingOrder.arrange([word])
    #expect(arranged == page.words)
  }

  @Test func `words on one place are told apart by what they say`() {
    var page = DrawnPage()
    for text in ["b", "a", "c", "a"] { page.add(text, x: 100, y: 100, width: 50) }
    page.add("d", x: 170, y: 100, width: 50)
    let arranged = page.arranged()
    #expect(arranged.texts == ["a", "a", "b", "c", "d"])
    #expect(arranged.allSatisfy { $0.line == 0 })
  }

  @Test func `numbers that are none come last and spoil nothing`() {
    var page = DrawnPage()
    page.addLines(3, of: 5)
    let strange: [[Point]] = [
      [], [Point(x: .nan, y: 1), Point(x: 1, y: .infinity)], [Point(x: -.infinity, y: .nan)],
    ]
    let words = page.words + strange.map { PageWord(polygon: $0, score: .nan, text: "?") }
    let arranged = ReadingOrder.arrange(words)
    #expect(arranged.texts == page.texts + ["?", "?", "?"])
    #expect(arranged.isWellNumbered)
    #expect(ReadingOrder.arrange(words.reversed()).texts == arranged.texts)
  }

  @Test(arguments: [
    [Point(x: 3, y: 4)], [Point(x: 1, y: 2), Point(x: 30, y: 2)],
    [Point(x: 0, y: 0), Point(x: 1e300, y: 0), Point(x: 1e300, y: 1e300), Point(x: -1e300, y: 1e300)],
    [Point(x: 5, y: 5), Point(x: 5, y: 5), Point(x: 5, y: 5), Point(x: 5, y: 5)],
  ])
  func `polygons without area or beyond any page are still words`(polygon: [Point]) {
    var page = DrawnPage()
    page.addLines(2, of: 4)
    let arranged = ReadingOrder.arrange(page.words + [PageWord(polygon: polygon, score: 1, text: "odd")])
    #expect(arranged.count == 9)
    #expect(arranged.isWellNumbered)
    #expect(arranged.texts.filter { $0 != "odd" } == page.texts)
  }

  /// Ten times the words may take far less than a hundred times as long. Noise anywhere, specks, all on one place, one row, a row
  /// among specks.
  @Test(.timeLimit(.minutes(1)), arguments: 0..<5)
  func `thousands of false detections take no square of their number`(kind: Int) {
    func pile(_ count: Int) -> [PageWord] {
      let words = [PageWord].random(count, seed: 5)
      return words.enumerated().map { number, word in
        var word = word
        let corner = word.polygon[0]
        switch kind {
        case 1: word.polygon = [corner, Point(x: corner.x + 3, y: corner.y), Point(x: corner.x + 3, y: corner.y + 3)]
        case 2: word.polygon = words[0].polygon
        case 3: word.polygon = words[0].polygon.map { Point(x: $0.x + 150 * Double(number), y: $0.y) }
        case 4:
          let place = Point(x: 75 * Double(number), y: number % 2 == 0 ? 100 : 130)
          let (width, height) = number % 2 == 0 ? (120.0, 40.0) : (6, 6)
          word.polygon = [
            place, Point(x: place.x + width, y: place.y), Point(x: place.x + width, y: place.y + height),
            Point(x: place.x, y: place.y + height),
          ]
        default: break
        }
        return word
      }
    }
    // Work that grew with the square would not end within the suite's time limit.
    let many = pile(20_000)
    #expect(ReadingOrder.arrange(many).count == many.count)
  }

  @Test(arguments: 0..<10)
  func `noise of a segmentation leaves the order as it is`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    var page = DrawnPage()
    page.addLines(9, of: 9)
    let kept = page.turned(by: 7).words.filter { _ in !random.chance(0.05) }.map { word in
      var word = word
      word.polygon = word.polygon.map {
        Point(x: $0.x + random.uniform(in: -2...2), y: $0.y + random.uniform(in: -2...2))
      }
      return word
    }
    let likes = (0..<4).compactMap { _ in kept.randomElement(using: &random) }
    let strays = likes.map { word in
      var word = word
      let shift = random.uniform(in: -300...300)
      word.polygon = word.polygon.map { Point(x: $0.x + shift, y: $0.y + shift / 3) }
      word.text = nil
      return word
    }
    let arranged = ReadingOrder.arrange((kept + strays).shuffled(using: &random)).filter { $0.text != nil }
    #expect(keptPairs(arranged.texts, kept.texts) > 0.97)
  }

  private func keptPairs(_ texts: [String], _ truth: [String]) -> Double {
    let pairs = Set(zip(texts, texts.dropFirst()).map { "\($0) \($1)" })
    let wanted = zip(truth, truth.dropFirst()).map { "\($0) \($1)" }
    return Double(wanted.count { pairs.contains($0) }) / Double(wanted.count)
  }
}
