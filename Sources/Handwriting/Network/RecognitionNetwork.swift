public import TensorKit

/// The layers of a recognition network and where their parameters stand. It holds no numbers: those are in flat arrays
/// that replicas share.
///
/// A CRNN (Shi, Bai, Yao 2015) with the training-only CTC shortcut of Retsinas et al. 2022.
public struct RecognitionNetwork {
  public let architecture: RecognitionArchitecture
  /// Everything that is trained.
  public let parameters: ParameterLayout
  /// Running means and variances.
  public let statistics: ParameterLayout
  let units: [ConvolutionUnit]
  let memories: [BidirectionalLSTM]
  let head: TimeConvolution
  let shortcut: TimeConvolution

  /// - Precondition: `architecture.fault == nil`.
  public init(_ architecture: RecognitionArchitecture) {
    precondition(architecture.fault == nil)
    self.architecture = architecture
    var parameters = ParameterLayout()
    var statistics = ParameterLayout()
    var inputs = 1
    var units: [ConvolutionUnit] = []
    for (index, outputs) in architecture.channels.enumerated() {
      units.append(
        ConvolutionUnit(
          "trunk.\(index)", &parameters, &statistics, inputChannels: inputs, outputChannels: outputs,
          pool: architecture.pools[index]))
      inputs = outputs
    }
    self.units = units
    let features = inputs
    var memories: [BidirectionalLSTM] = []
    for index in 0..<architecture.layers {
      let memory = BidirectionalLSTM("lstm.\(index)", &parameters, input: inputs, hidden: architecture.hidden)
      memories.append(memory)
      inputs = memory.outputSize
    }
    self.memories = memories
    head = TimeConvolution("head", &parameters, input: inputs, output: architecture.classes)
    shortcut = TimeConvolution("shortcut", &parameters, input: features, output: architecture.classes, kernel: 3)
    self.parameters = parameters
    self.statistics = statistics
  }

  /// Fresh weights and statistics, the same for the same seed.
  public func start(_ weights: FlatArray, _ statistics: FlatArray, seed: UInt64) {
    var random = GaussianRandom(seed: seed)
    for unit in units { unit.start(weights, statistics) { random.normal() } }
    for memory in memories { memory.start(weights) { random.uniform() } }
    head.start(weights) { random.uniform() }
    shortcut.start(weights) { random.uniform() }
  }
}
