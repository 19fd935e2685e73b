import HostKit
import ImageKit
import Synchronization
import TensorKit

/// Replicas of one network, each on a thread of its own with a share of every batch: data-parallel training.
///
/// Deterministic for a seed, a number of replicas and a backend: gradients are summed in the order of replicas, and no
/// random number depends on which thread is faster.
///
/// Proof of `@unchecked Sendable`: one caller at a time (the trainer's thread); within a step each member, and each share of
/// the parameters, is one thread's, and `runSideBySide` waits for all.
final class ReplicaTeam: @unchecked Sendable {
  private struct Member {
    let replica: RecognitionReplica
    let gradients: FlatArray
    let statistics: FlatArray
    let scores: Tensor
    let shortcut: Tensor
    var loss = CTCLoss()
    var scratch = WarpScratch()
  }

  let optimizer: AdamW
  private let network: RecognitionNetwork
  private var members: [Member] = []
  private let shares: [ArraySlice<Parameter>]
  /// Words of a batch that each replica takes.
  private let portion: Int
  private static let shortcutWeight: Float = 0.1

  /// - Parameters:
  ///   - statistics: what each replica's running means and variances begin with.
  ///   - batch: words of a step; a multiple of the number of backends.
  init(
    _ network: RecognitionNetwork, _ optimizer: AdamW, statistics: FlatArray, backends: [any KernelBackend],
    batch: Int, width: Int
  ) {
    precondition(batch % backends.count == 0)
    self.network = network
    self.optimizer = optimizer
    portion = batch / backends.count
    shares = optimizer.shares(backends.count)
    let classes = network.architecture.classes
    let frames = Shape(time: width / RecognitionArchitecture.columnsPerFrame, batch: portion, channels: classes)
    for backend in backends {
      let gradients = FlatArray(count: network.parameters.count)
      let own = FlatArray(count: network.statistics.count)
      own.copy(from: statistics)
      let memory = NetworkMemory(weights: optimizer.weights, gradients: gradients, statistics: own)
      members.append(
        Member(
          replica: RecognitionReplica(network, backend, memory, .training, batch: portion, width: width),
          gradients: gradients, statistics: own, scores: Tensor(frames), shortcut: Tensor(frames)))
    }
  }

  var replicaStatistics: [FlatArray] { members.map(\.statistics) }

  /// The mean of the replicas' running statistics.
  func averageStatistics(into target: FlatArray) { target.takeMean(of: replicaStatistics) }

  /// What a step did.
  struct StepReport {
    /// Negative log-likelihood per character.
    var loss: Double
    var gradientLength: Double
    /// Words whose text does not fit into their frames.
    var unfit: Int
  }

  /// One step over a batch.
  /// - Parameters:
  ///   - words: as many as a batch has.
  ///   - seed: of this step's augmentation and dropout.
  func step(
    _ words: [Int], of set: TrainingWords, augmentation: AugmentationSettings, learningRate: Float, seed: UInt64
  ) throws(KernelFault) -> StepReport {
    let width = words.map { set.widths[$0] }.max() ?? 0
    let characters = words.reduce(0) { $0 + set.labels[$1].count }
    let results = Mutex([Result<[Float], KernelFault>?](repeating: nil, count: members.count))
    runSideBySide(members.count) { index in
      let mine = Array(words[index * portion..<(index + 1) * portion])
      let result: Result<[Float], KernelFault>
      do throws(KernelFault) {
        result = .success(
          try differentiate(
            index, mine, of: set, width: width, augmentation: augmentation, scale: 1 / Float(characters), seed: seed))
      } catch {
        result = .failure(error)
      }
      results.withLock { $0[index] = result }
    }
    var losses: [Float] = []
    for case let result? in results.withLock({ $0 }) { losses += try result.get() }
    let squares = optimizer.update(members.map(\.gradients), shares: shares, learningRate: learningRate)
    let fit = losses.filter(\.isFinite)
    return StepReport(
      loss: fit.reduce(0) { $0 + Double($1) } / Double(max(1, characters)), gradientLength: squares.squareRoot(),
      unfit: losses.count - fit.count)
  }

  private func differentiate(
    _ index: Int, _ words: [Int], of set: TrainingWords, width: Int, augmentation: AugmentationSettings,
    scale: Float, seed: UInt64
  ) throws(KernelFault) -> [Float] {
    let replica = members[index].replica
    let height = network.architecture.height
    replica.input.reshape(Shape(batch: portion, height: height, width: width, channels: 1))
    let warp = InkWarp(width: width, height: height)
    for (place, word) in words.enumerated() {
      var random = SeededRandom(seed: seed, stream: UInt64(index * portion + place))
      let target = UnsafeMutableBufferPointer(
        start: replica.input.floats + place * height * width, count: height * width)
      warp.sample(
        set.samples[word].ink, into: target, augmentation: augmentation, random: &random,
        scratch: &members[index].scratch)
    }
    let output = try replica.forward(
      version: optimizer.step, seed: SeededRandom(seed: seed, stream: UInt64(1_000_000 + index)).state)
    guard let shortcut = output.shortcut else { preconditionFailure("a training replica without a shortcut") }
    let labels = words.map { set.labels[$0] }
    let losses = members[index].loss(output.scores, labels: labels, scale: scale, gradient: members[index].scores)
    _ = members[index].loss(
      shortcut, labels: labels, scale: scale * Self.shortcutWeight, gradient: members[index].shortcut)
    try replica.backward(scores: members[index].scores, shortcut: members[index].shortcut)
    return losses
  }
}
