import ImageKit
import TensorKit
import Testing

@testable import Handwriting

/// Steps of data-parallel training.
@Suite struct TrainingTeamTests {
  /// A team of its own, with eight words and their batches.
  struct Training {
    let test: TestNetwork
    let optimizer: AdamW
    let team: ReplicaTeam
    let words: TrainingWords

    init(_ choice: BackendChoice, threads: Int) throws {
      test = TestNetwork()
      optimizer = AdamW(test.network.parameters, weights: test.weights, settings: .init())
      let charset = try Charset(characters: ["a", "b", "c", "d"])
      let samples = ["ab", "cd", "aa", "d", "abc", "dcb", "b", "ca"].enumerated().map { index, text in
        WordSample(ink: TestNetwork.word(width: 14 + 4 * index, seed: UInt64(index)), text: text)
      }
      let buckets = WidthBuckets(maximum: 48)
      words = TrainingWords(samples, charset: charset, buckets: buckets, height: 16)
      team = ReplicaTeam(
        test.network, optimizer, statistics: test.statistics,
        backends: try (0..<threads).map { _ in try TestNetwork.backend(choice) }, batch: 4, width: buckets.maximum)
    }

    /// - Returns: the loss of each step.
    func run(steps: Int, seed: UInt64, learningRate: Float = 1e-2) throws -> [Double] {
      try (0..<steps).map { step in
        try team.step(
          (0..<4).map { (4 * step + $0) % 8 }, of: words, augmentation: .standard, learningRate: learningRate,
          seed: seed &+ UInt64(step)
        ).loss
      }
    }

    /// Every bit that a step leaves behind.
    var bits: [UInt32] {
      ([optimizer.weights, optimizer.moment1, optimizer.moment2, optimizer.average] + team.replicaStatistics).flatMap {
        UnsafeBufferPointer(start: $0.pointer, count: $0.count).map(\.bitPattern)
      }
    }
  }

  @Test(arguments: [BackendChoice.openBLAS, .oneDNN, .oneDNNFloat32], [1, 2, 4])
  func `the same seed, words and threads give the same weights to the last bit`(
    choice: BackendChoice, threads: Int
  ) throws {
    let (first, again) = (try Training(choice, threads: threads), try Training(choice, threads: threads))
    let before = first.bits
    let losses = try first.run(steps: 5, seed: 9)
    #expect(try again.run(steps: 5, seed: 9) == losses)
    #expect(losses.allSatisfy { $0.isFinite })
    #expect(first.bits == again.bits)
    #expect(first.bits != before)
    #expect(first.optimizer.step == 5)
  }

  @Test func `another seed gives other weights`() throws {
    let (first, other) = (try Training(.automatic, threads: 2), try Training(.automatic, threads: 2))
    _ = try first.run(steps: 1, seed: 1)
    _ = try other.run(steps: 1, seed: 2)
    #expect(first.bits != other.bits)
  }

  @Test func `the loss falls`() throws {
    let training = try Training(.automatic, threads: 2)
    let losses = try training.run(steps: 60, seed: 1)
    let (early, late) = (losses.prefix(6).reduce(0, +) / 6, losses.suffix(6).reduce(0, +) / 6)
    #expect(late < 0.7 * early)
  }

  @Test func `statistics of the replicas are averaged`() throws {
    let training = try Training(.automatic, threads: 2)
    _ = try training.run(steps: 2, seed: 1)
    let average = FlatArray(count: training.test.network.statistics.count)
    training.team.averageStatistics(into: average)
    let replicas = training.team.replicaStatistics
    #expect(replicas.count == 2)
    for index in 0..<average.count {
      let mean = (replicas[0].pointer[index] + replicas[1].pointer[index]) / 2
      #expect(abs(average.pointer[index] - mean) <= 1e-6 * max(1, abs(mean)))
    }
  }
}
