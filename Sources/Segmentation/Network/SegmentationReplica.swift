public import TensorKit

/// One worker's copy of the network's work space. Several replicas share weights and run side by side, one thread each.
public final class SegmentationReplica {
  private let use: NetworkUse
  private let trunk: [[ConvolutionUnit.Replica]]
  private let lateral: [ConvolutionUnit.Replica]
  private let head: ConvolutionUnit.Replica
  private let maps: TimeConvolution.Replica
  /// The pyramid in training, fine to coarse but for the coarsest, which is its lateral unit's output.
  private let pyramid: [Tensor]
  /// Gradients at the pyramid's coarser levels, and at the head's output.
  private let pyramidGradients: [Tensor]
  private let headGradient: Tensor
  /// Pictures as cells of 4 x 4 pixels, batch x height / 4 x width / 4 x 16: fill it (`Tensor.takeBlocks`), then call.
  public let input: Tensor

  /// - Parameters:
  ///   - batch: the most pictures of one call.
  ///   - height: of the largest picture; it and `width` are multiples of `SegmentationArchitecture.granule`.
  public init(
    _ network: SegmentationNetwork, _ backend: any KernelBackend, _ memory: NetworkMemory, _ use: NetworkUse,
    batch: Int, height: Int, width: Int
  ) {
    self.use = use
    let cell = SegmentationArchitecture.cell
    var shape = Shape(batch: batch, height: height / cell, width: width / cell, channels: cell * cell)
    input = Tensor(shape, backend.elementType)
    var trunk: [[ConvolutionUnit.Replica]] = []
    var shapes: [Shape] = []
    for units in network.trunk {
      trunk.append(
        units.map { unit in
          defer { shape = unit.outputShape(shape) }
          return ConvolutionUnit.Replica(unit, backend, memory, use, largest: shape)
        })
      shapes.append(shape)
    }
    self.trunk = trunk
    // In inference a level's first output is free once the second is there, and the second once the pyramid has it.
    lateral = shapes.indices.map { level in
      ConvolutionUnit.Replica(
        network.lateral[level], backend, memory, use, largest: shapes[level], spare: trunk[level][0].output)
    }
    let levels = zip(network.lateral, shapes).map { $0.outputShape($1) }
    // Its own in training only, where the lateral output is needed again.
    pyramid = use == .training ? levels.dropLast().map { Tensor($0, backend.elementType) } : []
    pyramidGradients = use == .training ? levels.dropFirst().map { Tensor($0, backend.elementType) } : []
    head = ConvolutionUnit.Replica(
      network.head, backend, memory, use, largest: levels[0], spare: trunk[0][1].output)
    maps = TimeConvolution.Replica(network.maps, backend, memory, use, largest: levels[0].asRows)
    headGradient = Tensor(
      use == .training ? levels[0] : Shape(batch: 0, height: 0, width: 0, channels: 0), backend.elementType)
  }

  /// - Parameter version: changes whenever the weights have changed.
  /// - Returns: batch x height x width x 2 numbers before the sigmoid, a cell for each 4 x 4 pixels.
  public func forward(version: Int) throws(KernelFault) -> Tensor {
    var map = input
    var levels: [Tensor] = []
    for units in trunk {
      for unit in units { map = try unit.forward(map, version: version) }
      levels.append(map)
    }
    var coarse = try lateral[levels.count - 1].forward(levels[levels.count - 1], version: version)
    for level in (0..<levels.count - 1).reversed() {
      let fine = try lateral[level].forward(levels[level], version: version)
      let sum = use == .training ? pyramid[level] : fine
      sum.takeSum(fine, upsampled: coarse)
      coarse = sum
    }
    let features = try head.forward(coarse, version: version)
    var shape = features.shape
    features.reshape(shape.asRows)
    let scores = try maps.forward(features, version: version)
    shape.channels = SegmentationArchitecture.maps
    scores.reshape(shape)
    return scores
  }

  /// Replaces this replica's gradients. The parameter is the gradient at what `forward` returned.
  public func backward(_ scores: Tensor) throws(KernelFault) {
    precondition(use == .training, "a replica for inference has no backward pass")
    var shape = scores.shape
    scores.reshape(shape.asRows)
    headGradient.takeConverted(try maps.backward(scores))
    shape.channels = headGradient.shape.channels
    headGradient.reshape(shape)
    guard var dPyramid = try head.backward(headGradient) else { preconditionFailure() }
    // Down the pyramid: what a level's sum gets, its lateral unit and the coarser level get too.
    var dLevels: [Tensor] = []
    for level in lateral.indices {
      guard let dLevel = try lateral[level].backward(dPyramid) else { preconditionFailure() }
      dLevels.append(dLevel)
      if level < pyramidGradients.count {
        pyramidGradients[level].takeBlockSums(dPyramid)
        dPyramid = pyramidGradients[level]
      }
    }
    // Up the trunk, where each level's gradient joins that of the coarser ones.
    var gradient = dLevels[dLevels.count - 1]
    for level in trunk.indices.reversed() {
      for unit in trunk[level].reversed() {
        guard let next = try unit.backward(gradient) else { preconditionFailure() }
        gradient = next
      }
      if level > 0 { gradient.add(dLevels[level - 1]) }
    }
  }
}

extension Shape {
  /// The same numbers as one long sequence, for a layer that looks at each cell alone.
  fileprivate var asRows: Shape { Shape(time: 1, batch: rows, channels: channels) }
}
