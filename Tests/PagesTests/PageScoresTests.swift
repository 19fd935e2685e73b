import Handwriting
import HostKit
import ImageKit
import Pages
import Segmentation
import Testing

@Suite struct PageScoresTests {
  static func box(_ x: Double, _ y: Double) -> [Point] {
    [Point(x: x, y: y), Point(x: x + 40, y: y), Point(x: x + 40, y: y + 20), Point(x: x, y: y + 20)]
  }

  static let truth = PageAnnotation(
    source: "page.jpg",
    words: [
      WordAnnotation(text: "brown", polygon: box(0, 50), line: 1),
      WordAnnotation(text: "The", polygon: box(0, 0), line: 0),
      WordAnnotation(text: "%SC%", polygon: box(50, 50), line: 1),
      WordAnnotation(text: "quick", polygon: box(50, 0), line: 0),
      WordAnnotation(text: "the", polygon: box(100, 50), line: 1),
    ], collection: "made")

  static func page(_ words: [(text: String?, x: Double, y: Double)]) -> ReadPage {
    ReadPage(
      width: 200, height: 100,
      words: words.map { PageWord(polygon: box($0.x, $0.y), score: 1, text: $0.text) })
  }

  static func scored(_ words: [(text: String?, x: Double, y: Double)]) -> PageRates {
    var scores = PageScores()
    scores.add(truth: truth, read: page(words))
    return scores.overall
  }

  static let right: [(text: String?, x: Double, y: Double)] = [
    ("The", 0, 0), ("quick", 50, 0), ("brown", 0, 50), ("scrawl", 52, 50), ("the", 100, 50),
  ]

  @Test func `a page read right has no errors whatever is read on unreadable words`() {
    let rates = Self.scored(Self.right)
    #expect(rates.characterErrors == 0 && rates.referenceCharacters == "The quick brown the".count)
    #expect(rates.words == 4 && rates.wordAccuracy == 1)
    #expect(rates.endToEnd == DetectionRates(matched: 4, truth: 4, found: 4))
  }

  @Test func `wrong order is an error of the page and not of its words`() {
    let rates = Self.scored([Self.right[1], Self.right[0]] + Self.right[2...])
    #expect(rates.characterErrors > 0)
    #expect(rates.wordAccuracy == 1 && rates.endToEnd.hmean == 1)
  }

  @Test func `case counts and each reading answers for one word`() {
    let rates = Self.scored([("the", 0, 0), ("quick", 50, 0), ("brown", 0, 50), (nil, 100, 50)])
    #expect(rates.characterErrors == 1 + " the".count)
    #expect(rates.wordsRead == 3)
    #expect(rates.endToEnd == DetectionRates(matched: 2, truth: 4, found: 4))
  }

  @Test func `a word read in the wrong place counts in order-free accuracy only`() {
    let rates = Self.scored(Self.right[..<4] + [("the", 150, 10)])
    #expect(rates.wordAccuracy == 1)
    #expect(rates.endToEnd == DetectionRates(matched: 3, truth: 4, found: 4))
  }

  @Test func `an unread page misses everything`() {
    let rates = Self.scored([])
    #expect(rates.characterErrorRate == 1 && rates.wordAccuracy == 0 && rates.endToEnd.hmean == 0)
  }

  @Test func `words without lines keep the manifest's order`() {
    var scores = PageScores()
    let words = ["one", "two"].enumerated().map {
      WordAnnotation(text: $1, polygon: Self.box(Double($0) * 50, 0))
    }
    scores.add(
      truth: PageAnnotation(source: "a", words: words), read: Self.page([("one", 0, 0), ("two", 50, 0)]))
    #expect(scores.overall.characterErrors == 0 && scores.collections.isEmpty)
  }

  @Test func `long texts have the distance of the plain table`() {
    var random = SeededRandom(seed: 5)
    for length in [1, 5, 63, 64, 65, 128, 200] {
      // As one word each: what is compared is then the text as it stands.
      let reference = (0..<length).map { _ in ["a", "b", "é", "d"][Int(random.uniform() * 4)] }.joined()
      var reading = ""
      for character in reference {
        if random.chance(0.1) { reading.append("x") }
        if !random.chance(0.1) { reading.append(character) }
      }
      if random.chance(0.3) { reading += String(repeating: "b", count: 80) }
      var scores = PageScores()
      let word = WordAnnotation(text: reference, polygon: Self.box(0, 0))
      scores.add(truth: PageAnnotation(source: "a", words: [word]), read: Self.page([(reading, 0, 0)]))
      #expect(scores.overall.characterErrors == EditDistance.characters(reference, reading))
    }
  }

  @Test func `intervals are per collection and repeat themselves`() throws {
    var scores = PageScores()
    for number in 0..<12 { scores.add(truth: Self.truth, read: Self.page(number % 3 == 0 ? [] : Self.right)) }
    let interval = try #require(scores.interval(of: "made", seed: 1))
    #expect(interval.wordAccuracy.contains(2.0 / 3) && interval.characterErrorRate.contains(1.0 / 3))
    #expect(interval == scores.interval(seed: 1))
    #expect(scores.interval(of: "other", seed: 1) == nil)
  }
}
