import Handwriting
import ImageKit
import Segmentation
import Testing

@Suite struct DetectionScoresTests {
  static func box(_ x: Double, _ y: Double = 0, width: Double = 40) -> [Point] {
    [Point(x: x, y: y), Point(x: x + width, y: y), Point(x: x + width, y: y + 20), Point(x: x, y: y + 20)]
  }

  static func word(_ x: Double, _ text: String = "a") -> WordAnnotation { WordAnnotation(text: text, polygon: box(x)) }

  static func region(_ x: Double, score: Double = 1, width: Double = 40) -> WordRegion {
    WordRegion(polygon: box(x, width: width), score: score)
  }

  static func goldenScores() -> DetectionScores {
    var scores = DetectionScores()
    for page in DetectionGoldens.pages { scores.add(truth: page.words, found: page.regions, collection: "golden") }
    return scores
  }

  @Test func `rates are those of the reference`() {
    let scores = Self.goldenScores()
    #expect(scores.overall == DetectionGoldens.rates)
    #expect(scores.collections == ["golden": DetectionGoldens.rates])
  }

  @Test func `average precision is that of the reference`() {
    let precision = Self.goldenScores().averagePrecision(of: "golden")
    for (ours, theirs) in zip(precision.byOverlap, DetectionGoldens.averagePrecision) {
      #expect(abs(ours - theirs) < 2e-6)
    }
    #expect(precision.at50 == precision.byOverlap[0] && precision.byOverlap.count == 10)
  }

  @Test func `the order of words and regions does not matter`() {
    var turned = DetectionScores()
    for page in DetectionGoldens.pages { turned.add(truth: page.words.reversed(), found: page.regions.reversed()) }
    #expect(turned.overall == DetectionGoldens.rates)
    #expect(turned.averagePrecision() == Self.goldenScores().averagePrecision())
  }

  @Test func `what lies on an unreadable word is neither right nor wrong`() {
    var scores = DetectionScores()
    scores.add(
      truth: [Self.word(0), Self.word(100, "%SC%")], found: [Self.region(0), Self.region(110), Self.region(125)])
    // The third has 15 of its 40 pixels on the unreadable word: a third, so it counts as wrong.
    #expect(scores.overall == DetectionRates(matched: 1, truth: 1, found: 2))
    #expect(abs(scores.overall.hmean - 2.0 / 3) < 1e-12)
  }

  @Test func `a word is found once and a region finds one word`() {
    var scores = DetectionScores()
    scores.add(truth: [Self.word(0)], found: [Self.region(0), Self.region(1)])
    #expect(scores.overall == DetectionRates(matched: 1, truth: 1, found: 2))
    scores = DetectionScores()
    scores.add(truth: [Self.word(0), Self.word(40)], found: [Self.region(0, width: 80)])
    #expect(scores.overall == DetectionRates(matched: 1, truth: 2, found: 1))
  }

  @Test func `average precision asks for the surest regions to be right`() {
    var good = DetectionScores()
    good.add(truth: [Self.word(0)], found: [Self.region(0, score: 0.9), Self.region(200, score: 0.1)])
    #expect(good.averagePrecision().at50 == 1)
    var bad = DetectionScores()
    bad.add(truth: [Self.word(0)], found: [Self.region(0, score: 0.1), Self.region(200, score: 0.9)])
    #expect(bad.averagePrecision().at50 == 0.5)
  }

  @Test func `nothing there and nothing found is no fault`() {
    var scores = DetectionScores()
    scores.add(truth: [], found: [])
    #expect(scores.overall.hmean == 0 && scores.averagePrecision().mean == 0)
    #expect(DetectionScores().interval(seed: 1) == nil)
  }

  @Test func `the interval holds the rate and repeats itself`() throws {
    var scores = DetectionScores()
    for page in 0..<20 {
      scores.add(
        truth: [Self.word(0), Self.word(100)], found: page % 4 == 0 ? [] : [Self.region(0), Self.region(100)])
    }
    let interval = try #require(scores.interval(seed: 3))
    #expect(interval.recall.contains(0.75) && interval.recall.lowerBound > 0.4 && interval.recall.upperBound < 1)
    #expect(interval.precision == 1...1)
    #expect(interval == scores.interval(seed: 3))
  }
}
