public import TensorKit

/// One worker's copy of the network's work space. Several replicas share weights and run side by side, one thread each.
public final class RecognitionReplica {
  private let network: RecognitionNetwork
  private let backend: any KernelBackend
  private let memory: NetworkMemory
  private let use: NetworkUse
  private let units: [ConvolutionUnit.Replica]
  private let memories: [BidirectionalLSTM.Replica]
  private let head: TimeConvolution.Replica
  private let shortcut: TimeConvolution.Replica?
  private let features: Tensor
  /// After each dropout: the first LSTM's and the head's input, needed again in the backward pass.
  private let dropped: (features: Tensor, top: Tensor)
  private let mapGradient: Tensor
  /// Pictures, batch x height x width x 1, 0 paper and 1 ink: fill it, then call.
  public let input: Tensor
  private var dropoutSeed: UInt64 = 0
  private static let dropout: Float = 0.25

  /// - Parameters:
  ///   - batch: the most pictures of one call.
  ///   - width: the widest picture, a multiple of 16.
  public init(
    _ network: RecognitionNetwork, _ backend: any KernelBackend, _ memory: NetworkMemory, _ use: NetworkUse,
    batch: Int, width: Int
  ) {
    self.network = network
    self.backend = backend
    self.memory = memory
    self.use = use
    var shape = Shape(batch: batch, height: network.architecture.height, width: width, channels: 1)
    input = Tensor(shape)
    var units: [ConvolutionUnit.Replica] = []
    for unit in network.units {
      units.append(ConvolutionUnit.Replica(unit, backend, memory, use, largest: shape))
      shape = unit.outputShape(shape)
    }
    self.units = units
    var sequence = Shape(time: shape.width, batch: batch, channels: shape.channels)
    features = Tensor(sequence, backend.elementType)
    mapGradient = Tensor(use == .training ? shape : .nothing, backend.elementType)
    let droppedFeatures = Tensor(use == .training ? sequence : .nothing, backend.elementType)
    shortcut =
      use == .training
      ? TimeConvolution.Replica(network.shortcut, backend, memory, use, largest: sequence) : nil
    var memories: [BidirectionalLSTM.Replica] = []
    for layer in network.memories {
      memories.append(BidirectionalLSTM.Replica(layer, backend, memory, use, largest: sequence))
      sequence.channels = layer.outputSize
    }
    self.memories = memories
    head = TimeConvolution.Replica(network.head, backend, memory, use, largest: sequence)
    dropped = (droppedFeatures, Tensor(use == .training ? sequence : .nothing, backend.elementType))
  }

  /// Scores of each class in each frame: time x batch x classes, before the softmax. `shortcut` only in training.
  public struct Output {
    public let scores: Tensor
    public let shortcut: Tensor?
  }

  /// - Parameters:
  ///   - version: changes whenever the weights have changed.
  ///   - seed: of the dropout masks, in training.
  public func forward(version: Int, seed: UInt64 = 0) throws(KernelFault) -> Output {
    dropoutSeed = seed
    var map = input
    for unit in units { map = try unit.forward(map, version: version) }
    features.takeTimeFirst(map)
    let early = try shortcut?.forward(features, version: version)
    var sequence = use == .training ? drop(features, stream: 1) : features
    for memory in memories { sequence = try memory.forward(sequence, version: version) }
    if use == .training { sequence = drop(sequence, stream: 2) }
    return Output(scores: try head.forward(sequence, version: version), shortcut: early)
  }

  private func drop(_ x: Tensor, stream: UInt64) -> Tensor {
    let y = stream == 1 ? dropped.features : dropped.top
    y.takeDropout(x, rate: Self.dropout, seed: dropoutSeed &+ stream)
    return y
  }

  /// Replaces this replica's gradients. Both parameters are gradients at what `forward` returned.
  public func backward(scores: Tensor, shortcut dShortcut: Tensor) throws(KernelFault) {
    guard let shortcut else { preconditionFailure("a replica for inference has no backward pass") }
    var dy = try head.backward(scores)
    dy.takeDropout(dy, rate: Self.dropout, seed: dropoutSeed &+ 2)
    for memory in memories.reversed() { dy = try memory.backward(dy) }
    dy.takeDropout(dy, rate: Self.dropout, seed: dropoutSeed &+ 1)
    dy.add(try shortcut.backward(dShortcut))
    mapGradient.takeBatchFirst(dy)
    var gradient = mapGradient
    for unit in units.reversed() {
      guard let next = try unit.backward(gradient) else { return }
      gradient = next
    }
  }
}

extension Shape {
  /// For what this use of a network does not need.
  fileprivate static let nothing = Shape(batch: 0, height: 0, width: 0, channels: 0)
}
