import Handwriting
import Testing

@Suite struct ErrorRateTests {
  @Test(arguments: [
    ("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("flaw", "lawn", 2), ("same", "same", 0),
    ("e\u{301}t\u{E9}", "\u{E9}te\u{301}", 0), ("ab", "ba", 2), ("intention", "execution", 5),
  ])
  func `distances are those of Levenshtein, both ways`(left: String, right: String, distance: Int) {
    #expect(EditDistance.characters(left, right) == distance)
    #expect(EditDistance.characters(right, left) == distance)
  }

  @Test(arguments: [("the old man", "the  man", 1), ("a b", "b a", 2), (" a ", "a", 0), ("", "a b", 2)])
  func `words are parted by white space`(left: String, right: String, distance: Int) {
    #expect(EditDistance.words(left, right) == distance)
  }

  @Test func `rates are sums of errors over sums of lengths`() {
    var rates = ErrorRates()
    #expect(rates.characterErrorRate == 0)
    rates.add(reference: "ab", reading: "ab")
    rates.add(reference: "abcdefgh", reading: "abcdef")
    rates.add(reference: "", reading: "x")
    #expect(rates.characterErrorRate == 3.0 / 10)
    #expect(rates.wordErrorRate == 2.0 / 2)
    #expect(rates.exactMatchRate == 1.0 / 3)
    #expect((rates + rates).samples == 6)
    #expect((rates + rates).characterErrorRate == rates.characterErrorRate)
  }

  @Test func `collections are scored apart and together`() {
    var scores = CollectionScores()
    scores.add(reference: "ab", reading: "ab", collection: "iam")
    scores.add(reference: "ab", reading: "xy", collection: "breta")
    scores.add(reference: "ab", reading: "ax")
    #expect(scores.collections["iam"]?.characterErrorRate == 0)
    #expect(scores.collections["breta"]?.characterErrorRate == 1)
    #expect(scores.collections.count == 2)
    #expect(scores.overall.characterErrorRate == 0.5)
    #expect(scores.words.count == 3)
  }

  @Test func `the bootstrap interval holds the rate and has the width that statistics tell`() {
    let words = (0..<400).map { WordScore(reference: "word", reading: $0 % 4 == 0 ? "ward" : "word") }
    let exact = BootstrapInterval.exactMatchRate(of: words, seed: 1)
    // A share of 0.75 of 400: 1.96 * sqrt(0.75 * 0.25 / 400) = 0.042 on each side.
    #expect(abs(exact.lower - (0.75 - 0.042)) < 0.012)
    #expect(abs(exact.upper - (0.75 + 0.042)) < 0.012)
    let cer = BootstrapInterval.characterErrorRate(of: words, seed: 1)
    #expect(cer.lower < 1.0 / 16 && 1.0 / 16 < cer.upper)
    #expect(cer == BootstrapInterval.characterErrorRate(of: words, seed: 1))
    #expect(BootstrapInterval.exactMatchRate(of: [], seed: 1) == BootstrapInterval.exactMatchRate(of: [], seed: 2))
  }
}
