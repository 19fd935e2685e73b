import Handwriting
import HostKit
import TensorKit
import Testing

/// The whole network's backward pass: both CTC losses, dropout active.
@Suite struct NetworkGradientTests {
  /// A training replica with pictures, texts and one dropout seed.
  final class Trial {
    let test: TestNetwork
    let memory: NetworkMemory
    private let replica: RecognitionReplica
    private let labels: [[Int32]]
    private var version = 0
    private static let shortcutWeight = 0.1

    init(_ backend: any KernelBackend, height: Int) {
      test = TestNetwork(height: height)
      test.unsettle(seed: 3)
      memory = test.memory
      for index in 0..<memory.gradients.count { memory.gradients.pointer[index] = 1e6 }
      labels = [[1, 2, 1], [3, 3]]
      replica = RecognitionReplica(test.network, backend, memory, .training, batch: 3, width: 48)
      replica.input.reshape(Shape(batch: 2, height: height, width: 32, channels: 1))
      var random = SeededRandom(seed: 4)
      replica.input.values = (0..<replica.input.shape.count).map { _ in
        random.chance(0.3) ? Float(random.uniform()) : 0
      }
    }

    func forward() throws -> RecognitionReplica.Output {
      version += 1
      return try replica.forward(version: version, seed: 11)
    }

    /// Summed in double.
    func loss() throws -> Double {
      let output = try forward()
      guard let shortcut = output.shortcut else { return .nan }
      return likelihoods(output.scores) + Self.shortcutWeight * likelihoods(shortcut)
    }

    private func likelihoods(_ scores: Tensor) -> Double {
      let (time, batch, classes) = (scores.shape.batch, scores.shape.width, scores.shape.channels)
      let values = scores.values
      var loss = 0.0
      for (member, label) in labels.enumerated() {
        let own = (0..<time * classes).map { values[($0 / classes * batch + member) * classes + $0 % classes] }
        loss -= CTCLikelihood.logProbability(
          of: label, in: FrameScores(frames: time, classes: classes, logits: own))
      }
      return loss
    }

    func backward() throws {
      let output = try forward()
      guard let shortcut = output.shortcut else { return }
      let (dScores, dShortcut) = (Tensor(output.scores.shape), Tensor(shortcut.shape))
      var loss = CTCLoss()
      _ = loss(output.scores, labels: labels, scale: 1, gradient: dScores)
      _ = loss(shortcut, labels: labels, scale: Float(Self.shortcutWeight), gradient: dShortcut)
      try replica.backward(scores: dScores, shortcut: dShortcut)
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

  @Test(arguments: [16, 32])
  func `gradients of every layer are the loss's slopes`(height: Int) throws {
    let trial = Trial(TestNetwork.fastBackend(), height: height)
    try trial.backward()
    var random = SeededRandom(seed: 21)
    var (compared, tried) = (0, 0)
    for parameter in trial.test.network.parameters.parameters {
      let gradient = trial.memory.gradients.values(of: parameter)
      // Of some places the one that matters most: the loss is a float32's work, and tiny slopes drown in its rounding.
      let places = (0..<8).map { _ in Int(random.uniform() * Double(gradient.count)) }
      guard let place = places.max(by: { abs(gradient[$0]) < abs(gradient[$1]) }) else { continue }
      let weight = trial.memory.weights[parameter] + place
      let (wide, narrow) = (try trial.slope(weight, 4e-3), try trial.slope(weight, 2e-3))
      tried += 1
      // Where the two differ, a ReLU or a maximum has its kink within the step.
      guard abs(wide - narrow) < 5e-3 * max(abs(narrow), 0.05) else { continue }
      compared += 1
      #expect(
        abs(narrow - Double(gradient[place])) < 1e-2 * max(abs(narrow), 0.05),
        "\(parameter.name)[\(place)]: measured \(narrow), computed \(gradient[place])")
    }
    #expect(tried == 37)
    #expect(compared >= 18)
  }

  @Test(arguments: [BackendChoice.openBLAS, .oneDNNFloat32])
  func `gradients on fast backends are the reference's`(choice: BackendChoice) throws {
    let found = Trial(try TestNetwork.backend(choice), height: 16)
    let expected = Trial(ReferenceBackend(), height: 16)
    try found.backward()
    try expected.backward()
    for parameter in found.test.network.parameters.parameters {
      let (left, right) = (
        found.memory.gradients.values(of: parameter), expected.memory.gradients.values(of: parameter)
      )
      let largest = right.map(abs).max() ?? 0
      let distance = zip(left, right).map { abs($0 - $1) }.max() ?? 0
      #expect(distance <= 1e-3 * largest, "\(parameter.name)")
    }
  }

  @Test func `dropout is the same for the same seed and another for another`() throws {
    let trial = Trial(TestNetwork.fastBackend(), height: 16)
    let replica = RecognitionReplica(
      trial.test.network, TestNetwork.fastBackend(), trial.memory, .training, batch: 1, width: 32)
    func scores(seed: UInt64) throws -> [Float] { try replica.forward(version: 0, seed: seed).scores.values }
    let first = try scores(seed: 1)
    #expect(try scores(seed: 1) == first)
    #expect(try scores(seed: 2) != first)
  }
}
