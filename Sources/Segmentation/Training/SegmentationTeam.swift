import Handwriting
import HostKit
import ImageKit
import Synchronization
import TensorKit

/// Replicas of a network that train on shares of each batch, one thread each, and the step that joins their gradients.
///
/// Deterministic for a seed, a number of replicas and a backend: gradients are summed in the order of replicas, and no
/// random number depends on which thread is faster.
///
/// Proof of `@unchecked Sendable`: one caller at a time (the trainer's thread); within a step each member, and each share of
/// the parameters, is one thread's, and `runSideBySide` waits for all.
final class SegmentationTeam: @unchecked Sendable {
  private struct Member {
    let replica: SegmentationReplica
    let gradients: FlatArray
    let statistics: FlatArray
    let scores: Tensor
    var drawing: WindowDrawing
    var loss = MapLoss()
  }

  let optimizer: AdamW
  private let window: Int
  /// Windows of a batch that each replica takes.
  private let portion: Int
  private var members: [Member] = []
  private let shares: [ArraySlice<Parameter>]
  /// What a mistake in the map of whole words counts beside one in the map of their middles.
  private static let textShare: Float = 0.5

  /// - Parameters:
  ///   - statistics: what each replica's running means and variances begin with.
  ///   - batch: windows of a step; a multiple of the number of backends.
  init(
    _ network: SegmentationNetwork, _ optimizer: AdamW, statistics: FlatArray, backends: [any KernelBackend],
    batch: Int, window: Int
  ) {
    precondition(batch % backends.count == 0 && window % SegmentationArchitecture.granule == 0)
    self.optimizer = optimizer
    self.window = window
    portion = batch / backends.count
    shares = optimizer.shares(backends.count)
    let cells = window / SegmentationArchitecture.cell
    for backend in backends {
      let gradients = FlatArray(count: network.parameters.count)
      let own = FlatArray(count: network.statistics.count)
      own.copy(from: statistics)
      let memory = NetworkMemory(weights: optimizer.weights, gradients: gradients, statistics: own)
      members.append(
        Member(
          replica: SegmentationReplica(
            network, backend, memory, .training, batch: portion, height: window, width: window),
          gradients: gradients, statistics: own,
          scores: Tensor(
            Shape(batch: portion, height: cells, width: cells, channels: SegmentationArchitecture.maps)),
          drawing: WindowDrawing(side: window)))
    }
  }

  var replicaStatistics: [FlatArray] { members.map(\.statistics) }

  /// The mean of the replicas' running statistics.
  func averageStatistics(into target: FlatArray) { target.takeMean(of: replicaStatistics) }

  /// What a step did.
  struct StepReport {
    /// Mean over windows.
    var loss: SegmentationLoss
    var gradientLength: Double
  }

  /// One step over a batch.
  /// - Parameters:
  ///   - indices: of pages, as many as a batch has.
  ///   - seed: of this step's windows.
  func step(
    _ indices: [Int], of pages: [TrainingPage], augmentation: PageAugmentation, learningRate: Float, seed: UInt64
  ) throws(KernelFault) -> StepReport {
    let results = Mutex([Result<SegmentationLoss, KernelFault>?](repeating: nil, count: members.count))
    runSideBySide(members.count) { index in
      let mine = indices[index * portion..<(index + 1) * portion].map { pages[$0] }
      let result: Result<SegmentationLoss, KernelFault>
      do throws(KernelFault) {
        result = .success(
          try differentiate(index, mine, augmentation, scale: 1 / Float(indices.count), seed: seed))
      } catch {
        result = .failure(error)
      }
      results.withLock { $0[index] = result }
    }
    var loss = SegmentationLoss()
    for case let result? in results.withLock({ $0 }) { loss += try result.get() }
    let squares = optimizer.update(members.map(\.gradients), shares: shares, learningRate: learningRate)
    return StepReport(loss: loss / Double(indices.count), gradientLength: squares.squareRoot())
  }

  private func differentiate(
    _ index: Int, _ pages: [TrainingPage], _ augmentation: PageAugmentation, scale: Float, seed: UInt64
  ) throws(KernelFault) -> SegmentationLoss {
    let replica = members[index].replica
    var targets: [WordTargets] = []
    for (place, page) in pages.enumerated() {
      var random = SeededRandom(seed: seed, stream: UInt64(index * portion + place))
      members[index].drawing.draw(page, augmentation, random: &random) { picture in
        replica.input.takeBlocks(of: picture, index: place)
      }
      targets.append(members[index].drawing.targets)
    }
    let scores = try replica.forward(version: optimizer.step)
    var sum = SegmentationLoss()
    for (place, target) in targets.enumerated() { sum += differentiate(index, scores, place, target, scale) }
    try replica.backward(members[index].scores)
    return sum
  }

  /// The loss of one window, whose gradient goes to the member's `scores`.
  private func differentiate(
    _ index: Int, _ scores: Tensor, _ place: Int, _ target: WordTargets, _ scale: Float
  ) -> SegmentationLoss {
    let maps = SegmentationArchitecture.maps
    let start = place * target.width * target.height * maps
    let logits = scores.floats + start
    let gradient = members[index].scores.floats + start
    func loss(_ map: Int, _ wanted: [UInt8], _ weight: [Float], _ scale: Float) -> Double {
      wanted.withUnsafeBufferPointer { wanted in
        weight.withUnsafeBufferPointer { weight in
          members[index].loss(
            logits + map, stride: maps, target: wanted, weight: weight, scale: scale, gradient: gradient + map)
        }
      }
    }
    return SegmentationLoss(
      kernel: loss(0, target.kernel, target.kernelWeight, scale),
      text: Double(Self.textShare) * loss(1, target.text, target.textWeight, scale * Self.textShare))
  }
}

/// The parts of the loss: both are what is added up.
public struct SegmentationLoss: Sendable, Equatable {
  /// Of the middles of words.
  public var kernel = 0.0
  /// Of whole words, weighed.
  public var text = 0.0

  public var total: Double { kernel + text }

  static func += (left: inout SegmentationLoss, right: SegmentationLoss) {
    left.kernel += right.kernel
    left.text += right.text
  }

  static func / (left: SegmentationLoss, divisor: Double) -> SegmentationLoss {
    SegmentationLoss(kernel: left.kernel / divisor, text: left.text / divisor)
  }
}
