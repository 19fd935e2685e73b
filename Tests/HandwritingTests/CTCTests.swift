import Glibc
import Handwriting
import HostKit
import Testing

@Suite struct CTCTests {
  @Test(arguments: [(1, 2), (2, 3), (3, 4), (4, 3), (5, 4), (6, 3)])
  func `the likelihood of every text is the sum over all its paths`(frames: Int, classes: Int) {
    var random = SeededRandom(seed: UInt64(frames * 10 + classes))
    let scores = CTCOracle.frames(frames, classes: classes, random: &random)
    let expected = CTCOracle.texts(of: scores)
    #expect(abs(expected.values.reduce(0, +) - 1) < 1e-5)
    for (text, probability) in expected {
      #expect(abs(exp(CTCLikelihood.logProbability(of: text, in: scores)) - probability) < 1e-6)
    }
  }

  @Test func `a text that does not fit is impossible`() {
    var random = SeededRandom(seed: 1)
    let scores = CTCOracle.frames(3, classes: 3, random: &random)
    // Two equal characters need a blank between them.
    #expect(CTCLikelihood.logProbability(of: [1, 1, 2], in: scores) == -.infinity)
    #expect(CTCLikelihood.logProbability(of: [1, 1], in: scores) > -.infinity)
    #expect(CTCLikelihood.characterConfidences(of: [1, 1, 2], in: scores) == [0, 0, 0])
    let none = FrameScores(frames: 0, classes: 3, values: [])
    #expect(CTCLikelihood.logProbability(of: [], in: none) == 0)
    #expect(CTCLikelihood.logProbability(of: [1], in: none) == -.infinity)
    #expect(BestPath.decode(none).classes == [])
    #expect(PrefixBeamSearch().search(none, best: 3).map(\.classes) == [[]])
  }

  @Test(arguments: [(1, 3), (3, 3), (4, 4), (5, 3), (6, 3)])
  func `a beam without bounds finds every text with its probability`(frames: Int, classes: Int) {
    var random = SeededRandom(seed: UInt64(frames + 100 * classes))
    let scores = CTCOracle.frames(frames, classes: classes, random: &random)
    let expected = CTCOracle.texts(of: scores)
    let found = PrefixBeamSearch(width: 2_000, classFloor: -.infinity).search(scores, best: 2_000)
    #expect(found.count == expected.count)
    for hypothesis in found {
      #expect(abs(exp(hypothesis.logProbability) - (expected[hypothesis.classes] ?? 0)) < 1e-6)
    }
    #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
  }

  @Test(arguments: 0..<20)
  func `a narrow beam never tells more than the likelihood and no text twice`(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    let scores = CTCOracle.frames(12, classes: 6, contrast: 3, random: &random)
    let found = PrefixBeamSearch(width: 8).search(scores, best: 8)
    #expect(Set(found.map(\.classes)).count == found.count)
    for hypothesis in found {
      let whole = CTCLikelihood.logProbability(of: hypothesis.classes, in: scores)
      #expect(hypothesis.logProbability <= whole + 1e-6)
    }
    // At least as good as the best path.
    let best = CTCLikelihood.logProbability(of: found[0].classes, in: scores)
    #expect(best >= CTCLikelihood.logProbability(of: BestPath.decode(scores).classes, in: scores) - 0.5)
  }

  @Test(arguments: 0..<10)
  func `with a language model the beam finds the best sum of scores`(seed: UInt64) throws {
    var random = SeededRandom(seed: seed)
    let charset = try Charset(texts: ["abc"])
    let model = try CharacterNGram(words: [("abc", 3), ("cab", 2), ("aab", 1)], charset: charset, order: 3)
    let scores = CTCOracle.frames(5, classes: 4, random: &random)
    let search = PrefixBeamSearch(
      width: 2_000, classFloor: -.infinity, languageModel: model, alpha: 0.7, beta: 0.4)
    var expected: [(text: [Int32], score: Double)] = []
    for (text, probability) in CTCOracle.texts(of: scores) {
      let language = 0.7 * model.logProbability(of: text) + 0.4 * Double(text.count)
      expected.append((text, log(probability) + language))
    }
    expected.sort { $0.score > $1.score }
    let found = search.search(scores, best: 5)
    #expect(found.map(\.classes) == expected.prefix(5).map(\.text))
    for (one, other) in zip(found, expected) { #expect(abs(one.score - other.score) < 1e-4) }
  }

  @Test func `the best path removes repeats and blanks and tells how sure it is of each character`() {
    let rows: [[Float]] = [[0.1, 0.8, 0.1], [0.2, 0.7, 0.1], [0.9, 0.05, 0.05], [0.3, 0.6, 0.1], [0.1, 0.1, 0.8]]
    let scores = FrameScores(frames: 5, classes: 3, values: rows.flatMap { $0 }.map { logf($0) })
    let reading = BestPath.decode(scores)
    #expect(reading.classes == [1, 1, 2])
    for (seen, expected) in zip(reading.characterConfidences, [0.8, 0.6, 0.8]) { #expect(abs(seen - expected) < 1e-5) }
    #expect(abs(reading.confidence - (CTCOracle.texts(of: scores)[[1, 1, 2]] ?? 0)) < 1e-6)
    #expect(CTCLikelihood.characterConfidences(of: [1, 1, 2], in: scores) == reading.characterConfidences)
    // Another text lies on the frames as well as it can.
    let other = CTCLikelihood.characterConfidences(of: [1, 2], in: scores)
    #expect(abs(other[0] - 0.8) < 1e-5 && abs(other[1] - 0.8) < 1e-5)
  }
}
