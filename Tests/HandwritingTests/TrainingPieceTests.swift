import HostKit
import TensorKit
import Testing

@testable import Handwriting

/// What a training is made of beside its steps.
@Suite struct TrainingPieceTests {
  private static func widths(_ count: Int) -> [Int] {
    var random = SeededRandom(seed: 2)
    return (0..<count).map { _ in 32 + Int(random.uniform() * 480) }
  }

  @Test(arguments: [(1, 1), (3, 8), (64, 8), (65, 8), (1_000, 32), (777, 10)])
  func `an epoch shows every word once, but for those that fill its last batch`(count: Int, batch: Int) {
    let sampler = BatchSampler(widths: Self.widths(count), batch: batch, seed: 1)
    let batches = sampler.batches(epoch: 0)
    #expect(batches.count == sampler.batchesPerEpoch)
    #expect(batches.allSatisfy { $0.count == batch })
    var shown = [Int](repeating: 0, count: count)
    for word in batches.joined() { shown[word] += 1 }
    #expect(shown.allSatisfy { $0 >= 1 })
    #expect(shown.reduce(0, +) - count < batch)
    if count >= batch { #expect(shown.allSatisfy { $0 <= 2 }) }
  }

  @Test func `the order depends on the seed and the epoch alone`() {
    let widths = Self.widths(200)
    let sampler = BatchSampler(widths: widths, batch: 8, seed: 1)
    let fifth = sampler.batches(epoch: 5)
    #expect(BatchSampler(widths: widths, batch: 8, seed: 1).batches(epoch: 5) == fifth)
    #expect(sampler.batches(epoch: 6) != fifth)
    #expect(BatchSampler(widths: widths, batch: 8, seed: 2).batches(epoch: 5) != fifth)
  }

  @Test func `words of a batch are about as wide as each other`() {
    let widths = Self.widths(2_000)
    func padding(_ batches: [[Int]]) -> Int {
      batches.reduce(0) { sum, batch in
        let widest = batch.map { widths[$0] }.max() ?? 0
        return sum + batch.reduce(0) { $0 + widest - widths[$1] }
      }
    }
    let unsorted = stride(from: 0, to: 2_000, by: 10).map { Array($0..<$0 + 10) }
    let sampled = BatchSampler(widths: widths, batch: 10, seed: 1).batches(epoch: 0)
    #expect(Double(padding(sampled)) < 0.15 * Double(padding(unsorted)))
    // Not sorted over the whole epoch: narrow words do not come first.
    let means = sampled.map { batch in batch.reduce(0) { $0 + widths[$1] } }
    #expect(means != means.sorted())
  }

  @Test func `the learning rate warms up, then falls along a cosine to its lowest`() {
    let schedule = LearningRate(highest: 1e-2, lowest: 1e-4, warmUp: 0.1)
    let expected = [
      (0.0, 1e-5), (0.05, 5e-3), (0.1, 1e-2), (0.325, 1e-4 + 9.9e-3 * (1 + 0.5.squareRoot()) / 2),
      (0.55, 1e-4 + 9.9e-3 / 2), (1.0, 1e-4), (1.5, 1e-4),
    ]
    for (progress, rate) in expected { #expect(abs(schedule.rate(at: progress) - rate) < 1e-9, "at \(progress)") }
    let falling = stride(from: 0.1, through: 1, by: 0.01).map(schedule.rate)
    #expect(zip(falling, falling.dropFirst()).allSatisfy { $0 >= $1 })
  }

  @Test func `without a warm-up the highest rate comes first, and the lowest is never above it`() {
    let schedule = LearningRate(highest: 1e-6, lowest: 1e-5, warmUp: 0)
    #expect(schedule.rate(at: 0) == 1e-6)
    #expect(abs(schedule.rate(at: 1) - 1e-6) < 1e-12)
  }

  @Test func `words with characters outside the charset are not learnt from`() throws {
    let ink = TestNetwork.word(width: 20, seed: 1)
    let words = TrainingWords(
      ["ab", "ax", "", "ba"].map { WordSample(ink: ink, text: $0) },
      charset: try Charset(characters: ["a", "b", "c", "d"]), buckets: WidthBuckets(maximum: 64), height: 16)
    #expect(words.samples.map(\.text) == ["ab", "ba"])
    #expect(words.labels == [[1, 2], [2, 1]])
  }

  @Test func `a narrow word gets the frames that its text needs`() throws {
    let words = TrainingWords(
      [WordSample(ink: TestNetwork.word(width: 8, seed: 1), text: "aaaaaaa")],
      charset: try Charset(characters: ["a"]), buckets: WidthBuckets(maximum: 96), height: 16)
    // Seven characters and six blanks between them need 13 frames of four columns.
    #expect(words.widths[0] >= 52)
  }
}
