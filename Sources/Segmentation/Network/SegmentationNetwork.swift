import Handwriting
public import TensorKit

/// The layers of a segmentation network and where their parameters stand; it holds no numbers.
///
/// A small feature pyramid (Lin et al. 2017) with two maps at the finest resolution, as text detectors have them (PSENet,
/// Wang et al. 2019; DBNet, Liao et al. 2020). The picture's 4 x 4 blocks are the first layer's channels, so that nothing
/// is computed at full resolution.
public struct SegmentationNetwork {
  public let architecture: SegmentationArchitecture
  /// Everything that is trained.
  public let parameters: ParameterLayout
  /// Running means and variances.
  public let statistics: ParameterLayout
  /// Two at each resolution, fine to coarse.
  let trunk: [[ConvolutionUnit]]
  /// From each resolution of the trunk into the pyramid.
  let lateral: [ConvolutionUnit]
  let head: ConvolutionUnit
  let maps: TimeConvolution

  /// - Precondition: `architecture.fault == nil`.
  public init(_ architecture: SegmentationArchitecture) {
    precondition(architecture.fault == nil)
    self.architecture = architecture
    var parameters = ParameterLayout()
    var statistics = ParameterLayout()
    var inputs = SegmentationArchitecture.cell * SegmentationArchitecture.cell
    var trunk: [[ConvolutionUnit]] = []
    for (level, outputs) in architecture.channels.enumerated() {
      let first = ConvolutionUnit(
        "trunk.\(level).0", &parameters, &statistics, inputChannels: inputs, outputChannels: outputs,
        stride: level == 0 ? 1 : 2)
      let second = ConvolutionUnit(
        "trunk.\(level).1", &parameters, &statistics, inputChannels: outputs, outputChannels: outputs)
      trunk.append([first, second])
      inputs = outputs
    }
    self.trunk = trunk
    var lateral: [ConvolutionUnit] = []
    for (level, inputs) in architecture.channels.enumerated() {
      lateral.append(
        ConvolutionUnit(
          "lateral.\(level)", &parameters, &statistics, inputChannels: inputs,
          outputChannels: architecture.pyramid, kernel: 1))
    }
    self.lateral = lateral
    head = ConvolutionUnit(
      "head", &parameters, &statistics, inputChannels: architecture.pyramid, outputChannels: architecture.pyramid)
    maps = TimeConvolution("maps", &parameters, input: architecture.pyramid, output: SegmentationArchitecture.maps)
    self.parameters = parameters
    self.statistics = statistics
  }

  /// Fresh weights and statistics, the same for the same seed.
  public func start(_ weights: FlatArray, _ statistics: FlatArray, seed: UInt64) {
    var random = GaussianRandom(seed: seed)
    for unit in trunk.joined() { unit.start(weights, statistics) { random.normal() } }
    for unit in lateral + [head] { unit.start(weights, statistics) { random.normal() } }
    maps.start(weights) { random.uniform() }
  }
}
