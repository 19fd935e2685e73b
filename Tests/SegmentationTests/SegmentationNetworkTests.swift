import HostKit
import Segmentation
import TensorKit
import Testing

/// The network's passes: forward against another backend, backward against slopes.
@Suite struct SegmentationNetworkTests {
  /// A training replica of a small network, with pictures, and a loss that weighs every number of its output.
  final class Trial {
    let network = SegmentationNetwork(SegmentationArchitecture(channels: [16, 16, 32, 16], pyramid: 16))
    let memory: NetworkMemory
    private let replica: SegmentationReplica
    private let wanted: [Float]
    private var version = 0

    init(_ backend: any KernelBackend) {
      memory = NetworkMemory(
        weights: FlatArray(count: network.parameters.count), gradients: FlatArray(count: network.parameters.count),
        statistics: FlatArray(count: network.statistics.count))
      network.start(memory.weights, memory.statistics, seed: 1)
      var random = SeededRandom(seed: 2)
      for index in 0..<memory.weights.count { memory.weights.pointer[index] += Float(random.uniform(in: -0.05...0.05)) }
      for index in 0..<memory.gradients.count { memory.gradients.pointer[index] = 1e6 }
      replica = SegmentationReplica(network, backend, memory, .training, batch: 3, height: 64, width: 64)
      replica.input.reshape(Shape(batch: 2, height: 8, width: 16, channels: 16))
      replica.input.values = (0..<2 * 8 * 16 * 16).map { _ in Float(random.uniform()) }
      wanted = (0..<2 * 8 * 16 * 2).map { _ in Float(random.uniform(in: -1...1)) }
    }

    func scores() throws -> [Float] {
      version += 1
      let scores = try replica.forward(version: version)
      #expect(scores.shape == Shape(batch: 2, height: 8, width: 16, channels: 2))
      return scores.values
    }

    func loss() throws -> Double { zip(try scores(), wanted).reduce(0) { $0 + Double($1.0) * Double($1.1) } }

    func backward() throws {
      _ = try scores()
      let gradient = Tensor(Shape(batch: 2, height: 8, width: 16, channels: 2))
      gradient.values = wanted
      try replica.backward(gradient)
    }

    /// The slope of the loss when one weight moves, measured over `step` to either side.
    func slope(_ weight: UnsafeMutablePointer<Float>, _ step: Float) throws -> Double {
      let given = weight.pointee
      defer { weight.pointee = given }
      weight.pointee = given + step
      let (high, above) = (Double(weight.pointee), try loss())
      weight.pointee = given - step
      return (above - (try loss())) / (high - Double(weight.pointee))
    }
  }

  static func fastBackend() -> any KernelBackend {
    for choice in [BackendChoice.oneDNNFloat32, .openBLAS] {
      do throws(KernelFault) { return try choice.make() } catch { continue }
    }
    return ReferenceBackend()
  }

  @Test func `gradients of every layer are the loss's slopes`() throws {
    let trial = Trial(Self.fastBackend())
    try trial.backward()
    var random = SeededRandom(seed: 21)
    var (compared, tried) = (0, 0)
    for parameter in trial.network.parameters.parameters {
      let gradient = trial.memory.gradients.values(of: parameter)
      // Of some places the one that matters most: tiny slopes drown in the loss's rounding.
      let places = (0..<8).map { _ in Int(random.uniform() * Double(gradient.count)) }
      guard let place = places.max(by: { abs(gradient[$0]) < abs(gradient[$1]) }) else { continue }
      let weight = trial.memory.weights[parameter] + place
      let (wide, narrow) = (try trial.slope(weight, 1e-3), try trial.slope(weight, 5e-4))
      tried += 1
      // Where the two differ, a ReLU has its kink within the step.
      guard abs(wide - narrow) < 1e-2 * max(abs(narrow), 0.1) else { continue }
      compared += 1
      #expect(
        abs(narrow - Double(gradient[place])) < 2e-2 * max(abs(narrow), 0.1),
        "\(parameter.name)[\(place)]: measured \(narrow), computed \(gradient[place])")
    }
    #expect(tried == 41)
    #expect(compared >= 20, "\(compared)")
  }

  @Test(arguments: [BackendChoice.openBLAS, .oneDNNFloat32])
  func `fast backends are the reference's, forward and backward`(choice: BackendChoice) throws {
    let backend: any KernelBackend
    do throws(KernelFault) { backend = try choice.make() } catch { try Test.cancel("skipped, \(choice): \(error)") }
    let (found, expected) = (Trial(backend), Trial(ReferenceBackend()))
    func expectAlike(_ left: [Float], _ right: [Float], _ what: String) {
      let largest = right.map(abs).max() ?? 0
      let distance = zip(left, right).map { abs($0 - $1) }.max() ?? 0
      #expect(distance <= 2e-3 * largest, "\(what)")
    }
    expectAlike(try found.scores(), try expected.scores(), "scores")
    try found.backward()
    try expected.backward()
    for parameter in found.network.parameters.parameters {
      expectAlike(
        found.memory.gradients.values(of: parameter), expected.memory.gradients.values(of: parameter), parameter.name)
    }
  }

  @Test(arguments: [
    (SegmentationArchitecture(channels: [16, 16], pyramid: 16), "channels must be four numbers, not 2"),
    (
      SegmentationArchitecture(channels: [16, 16, 8, 16], pyramid: 16),
      "channels must be multiples of 16 from 16 to 512, not [16, 16, 8, 16] and 16"
    ),
    (
      SegmentationArchitecture(pyramid: 1024),
      "channels must be multiples of 16 from 16 to 512, not [48, 64, 96, 128] and 1024"
    ),
  ])
  func `a network that cannot be is refused with the reason`(architecture: SegmentationArchitecture, reason: String) {
    #expect(architecture.fault == reason)
  }
}
