import TensorKit
import Testing

/// Whole layers on the fast backends against the reference backend, forward and backward.
@Suite struct LayerBackendTests {
  private static func compare(
    _ tested: TestedBackend, tolerance: Double, _ make: (any KernelBackend) throws -> some TestedLayer
  ) throws {
    let found = try make(tested.make())
    let expected = try make(ReferenceBackend())
    let (y, expectedY) = (try found.forward(), try expected.forward())
    expectClose(y.values, expectedY.doubles, within: tolerance, "output")
    let dy = seededNumbers(99, y.shape.count)
    let (dx, expectedDx) = (try found.backward(dy), try expected.backward(dy))
    expectClose(dx, expectedDx.doubles, within: tolerance, "dx")
    for parameter in found.layout.parameters {
      expectClose(
        found.memory.gradients.values(of: parameter), expected.memory.gradients.values(of: parameter).doubles,
        within: tolerance, "\(parameter.name)")
    }
  }

  /// Norms divide by what the batch varies by, and a rounded input may choose another winner: with bfloat16 only forward
  /// and backward passes without pooling are comparable number by number.
  @Test(arguments: TestedBackend.fast)
  func `convolution units are the reference's`(tested: TestedBackend) throws {
    let isExact = tested != .oneDNNBFloat16
    for pool in isExact ? [(1, 1), (2, 2), (2, 1)] : [(1, 1)] {
      try Self.compare(tested, tolerance: isExact ? 1e-4 : 5e-2) { backend in
        try ConvolutionLayer(
          backend, inputs: 16, outputs: 32, pool: pool, input: Shape(batch: 2, height: 4, width: 6, channels: 16),
          seed: 40)
      }
    }
  }

  @Test(arguments: TestedBackend.fast)
  func `LSTMs are the reference's`(tested: TestedBackend) throws {
    try Self.compare(tested, tolerance: tested.tolerance) { backend in
      try LSTMLayer(backend, time: 7, batch: 3, inputs: 16, hidden: 16, seed: 50)
    }
  }

  @Test(arguments: TestedBackend.fast, [1, 3])
  func `time convolutions are the reference's`(tested: TestedBackend, kernel: Int) throws {
    try Self.compare(tested, tolerance: tested.tolerance) { backend in
      try TimeLayer(backend, time: 5, batch: 2, inputs: 16, outputs: 7, kernel: kernel, seed: 60)
    }
  }
}
