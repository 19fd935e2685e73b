import Glibc
import Handwriting
import ImageKit
import TensorKit
import Testing

/// The network that only reads.
@Suite struct NetworkScorerTests {
  private static let buckets = WidthBuckets(maximum: 64)
  /// One is wider than the widest picture.
  private static let words = [12, 60, 33, 20, 100, 13, 41].enumerated().map { index, width in
    TestNetwork.word(width: width, seed: UInt64(index + 1))
  }

  private static func scorer(_ test: TestNetwork, _ backends: [any KernelBackend]) -> FrameScorer {
    let scorer = FrameScorer(test.network, buckets: buckets, backends: backends)
    scorer.load(weights: test.weights, statistics: test.statistics)
    return scorer
  }

  private static func expected(_ test: TestNetwork, _ word: InkImage) -> [Double] {
    let height = test.network.architecture.height
    let width = buckets.width(for: InkWarp.contentWidth(of: word, height: height))
    var picture = [Float](repeating: 0, count: height * width)
    var scratch = WarpScratch()
    picture.withUnsafeMutableBufferPointer {
      InkWarp(width: width, height: height).sample(word, into: $0, scratch: &scratch)
    }
    return NetworkReference(test: test).logProbabilities(picture, width: width)
  }

  private static func distance(_ found: FrameScores, _ expected: [Double]) -> Double {
    guard found.values.count == expected.count else { return .infinity }
    return zip(found.values, expected).map { abs(Double($0) - $1) }.max() ?? 0
  }

  @Test(arguments: TestNetwork.float32Backends, [16, 32])
  func `norms folded into convolutions give what running statistics give`(choice: BackendChoice, height: Int) throws {
    let test = TestNetwork(height: height)
    test.unsettle(seed: 5)
    let scorer = Self.scorer(test, [try TestNetwork.backend(choice)])
    // The reference backend is slow: two words of two widths are enough.
    let words = Array(Self.words[2..<4])
    for (word, found) in zip(words, try scorer.scores(of: words)) {
      #expect(Self.distance(found, Self.expected(test, word)) < 1e-4)
    }
  }

  @Test func `bfloat16 stays near`() throws {
    let test = TestNetwork()
    test.unsettle(seed: 5)
    let scorer = Self.scorer(test, [try TestNetwork.backend(.oneDNN)])
    let words = Array(Self.words[2..<4])
    for (word, found) in zip(words, try scorer.scores(of: words)) {
      #expect(Self.distance(found, Self.expected(test, word)) < 5e-2)
    }
  }

  @Test(arguments: [BackendChoice.openBLAS, .oneDNNFloat32], [1, 2])
  func `what is said of a word does not depend on its neighbours`(choice: BackendChoice, threads: Int) throws {
    let test = TestNetwork()
    test.unsettle(seed: 6)
    let scorer = Self.scorer(test, try (0..<threads).map { _ in try TestNetwork.backend(choice) })
    let together = try scorer.scores(of: Self.words + Self.words.reversed())
    #expect(together.count == 2 * Self.words.count)
    for (index, word) in Self.words.enumerated() {
      let alone = try scorer.scores(of: [word])[0].values.map(Double.init)
      #expect(Self.distance(together[index], alone) < 1e-4)
      #expect(Self.distance(together[together.count - 1 - index], alone) < 1e-4)
    }
  }

  @Test func `frames are as many as the padded width has, and their probabilities sum to one`() throws {
    let test = TestNetwork()
    let scores = try Self.scorer(test, [TestNetwork.fastBackend()]).scores(of: Self.words)
    // 12 of 16 rows are the word's: widths 12...100 of pictures 20 high become 8 + 8...60 columns.
    #expect(scores.map(\.frames) == [8, 12, 8, 8, 16, 8, 12])
    for scores in scores {
      for frame in 0..<scores.frames {
        let sum = (0..<scores.classes).reduce(0.0) { $0 + exp(Double(scores[frame, $1])) }
        #expect(abs(sum - 1) < 1e-5)
      }
    }
  }

  @Test func `new weights are taken over`() throws {
    let (first, second) = (TestNetwork(seed: 1), TestNetwork(seed: 2))
    second.unsettle(seed: 7)
    let scorer = Self.scorer(first, [TestNetwork.fastBackend()])
    let word = Self.words[3]
    #expect(Self.distance(try scorer.scores(of: [word])[0], Self.expected(first, word)) < 1e-4)
    scorer.load(weights: second.weights, statistics: second.statistics)
    #expect(Self.distance(try scorer.scores(of: [word])[0], Self.expected(second, word)) < 1e-4)
  }

  @Test func `no words have no scores`() throws {
    #expect(try Self.scorer(TestNetwork(), [TestNetwork.fastBackend()]).scores(of: []) == [])
  }
}
