import Handwriting
import HostKit
import ImageKit
import TensorKit
import Testing

/// A small network with weights of its own, and words to show it.
struct TestNetwork {
  let network: RecognitionNetwork
  let weights: FlatArray
  let statistics: FlatArray

  /// - Parameter height: 16 or 32; with 32 the last pooling is not of one row.
  init(height: Int = 16, seed: UInt64 = 1) {
    network = RecognitionNetwork(
      RecognitionArchitecture(
        channels: [Int](repeating: 16, count: 7), hidden: 16, layers: 2, classes: 5, height: height))
    weights = FlatArray(count: network.parameters.count)
    statistics = FlatArray(count: network.statistics.count)
    network.start(weights, statistics, seed: seed)
  }

  /// Norms, biases and statistics as a training might leave them: nothing is 0 or 1.
  func unsettle(seed: UInt64) {
    var random = SeededRandom(seed: seed)
    for parameter in network.parameters.parameters where parameter.name.hasSuffix("bias") || parameter.shape.count == 1
    {
      for index in 0..<parameter.count { weights[parameter][index] += Float(random.uniform(in: -0.3...0.3)) }
    }
    for parameter in network.statistics.parameters {
      let isVariance = parameter.name.hasSuffix("var")
      let range = isVariance ? 0.5...2 : -0.5...0.5
      for index in 0..<parameter.count { statistics[parameter][index] = Float(random.uniform(in: range)) }
    }
  }

  var memory: NetworkMemory {
    NetworkMemory(
      weights: weights, gradients: FlatArray(count: network.parameters.count), statistics: statistics)
  }

  static let float32Backends: [BackendChoice] = [.reference, .openBLAS, .oneDNNFloat32]

  /// Cancels the test, with the reason, where this machine lacks the library.
  static func backend(_ choice: BackendChoice) throws -> any KernelBackend {
    do throws(KernelFault) { return try choice.make() } catch { try Test.cancel("skipped, \(choice): \(error)") }
  }

  /// The fastest float32 backend there is: with the reference one long tests would take minutes.
  static func fastBackend() -> any KernelBackend {
    for choice in [BackendChoice.openBLAS, .oneDNNFloat32] {
      do throws(KernelFault) { return try choice.make() } catch { continue }
    }
    return ReferenceBackend()
  }

  /// A picture with some strokes.
  static func word(width: Int, height: Int = 20, seed: UInt64) -> InkImage {
    var random = SeededRandom(seed: seed)
    var pixels = [UInt8](repeating: 0, count: width * height)
    for _ in 0..<max(2, width / 8) {
      let column = Int(random.uniform() * Double(width - 1))
      for row in Int(random.uniform() * 6)..<height - Int(random.uniform() * 6) {
        pixels[row * width + column] = UInt8(120 + Int(random.uniform() * 135))
        pixels[row * width + column + 1] = 90
      }
    }
    return InkImage(width: width, height: height, pixels: pixels)
  }
}
