import TensorKit
import Testing

/// Convolutions of the fast backends against the reference backend, and that against the definition.
@Suite struct ConvolutionBackendTests {
  static let shapes: [ConvolutionShape] = [
    shape(1, 4, 16, 16, 16), shape(2, 5, 7, 16, 32), shape(1, 1, 8, 32, 16), shape(3, 2, 2, 16, 16),
    shape(1, 7, 9, 16, 16, stride: 2), shape(2, 8, 6, 16, 48, stride: 2),
    shape(2, 3, 5, 48, 16, kernel: 1, padding: 0), shape(1, 6, 4, 16, 32, kernel: 1, stride: 2, padding: 0),
    shape(2, 6, 5, 3, 5), shape(1, 9, 8, 2, 4, kernel: 5, padding: 2),
  ]

  private static func shape(
    _ batch: Int, _ height: Int, _ width: Int, _ inputs: Int, _ outputs: Int, kernel: Int = 3, stride: Int = 1,
    padding: Int = 1
  ) -> ConvolutionShape {
    ConvolutionShape(
      input: Shape(batch: batch, height: height, width: width, channels: inputs), outputChannels: outputs,
      kernel: kernel, stride: stride, padding: padding)
  }

  /// What a backend makes of one shape: everything as float32.
  private struct Outcome {
    let y, inferred, dx, dw: [Float]

    init(_ backend: any KernelBackend, _ shape: ConvolutionShape) throws {
      let type = backend.elementType
      let x = Tensor(shape.input, type, seed: 1)
      let weights = seededNumbers(2, shape.weightCount)
      let bias = seededNumbers(3, shape.outputChannels)
      let dy = Tensor(shape.output, type, seed: 4)
      let y = Tensor(shape.output, type)
      let dx = Tensor(shape.input, type)
      var dw = [Float](repeating: .nan, count: shape.weightCount)

      let training = try backend.convolution(shape, .training(dataGradient: true))
      // Packed twice: what counts is the last.
      training.pack(seededNumbers(9, shape.weightCount))
      training.pack(weights)
      training.forward(x.address, bias: nil, y.address)
      training.backwardWeights(x.address, dy.address, &dw)
      training.backwardData(dy.address, dx.address)
      (self.y, self.dx, self.dw) = (y.values, dx.values, dw)

      let inference = try backend.convolution(shape, .inference)
      inference.pack(weights)
      inference.forward(x.address, bias: bias, y.address)
      inferred = y.values
    }
  }

  @Test(arguments: shapes)
  func `the reference backend is the definition's`(shape: ConvolutionShape) throws {
    let found = try Outcome(ReferenceBackend(), shape)
    let reference = ConvolutionReference(shape: shape)
    let (x, weights) = (seededNumbers(1, shape.input.count).doubles, seededNumbers(2, shape.weightCount).doubles)
    let dy = seededNumbers(4, shape.output.count).doubles
    let (y, bias) = (reference.forward(x, weights), seededNumbers(3, shape.outputChannels))
    expectClose(found.y, y, within: 1e-5)
    expectClose(found.dx, reference.inputGradient(dy, weights), within: 1e-5)
    expectClose(found.dw, reference.weightGradient(x, dy), within: 1e-5)
    let inferred = y.enumerated().map { max(0, $1 + Double(bias[$0 % shape.outputChannels])) }
    expectClose(found.inferred, inferred, within: 1e-5)
  }

  @Test(arguments: TestedBackend.fast, shapes)
  func `fast convolutions are the reference's`(tested: TestedBackend, shape: ConvolutionShape) throws {
    let backend = try tested.make()
    let found = try Outcome(backend, shape)
    let expected = try Outcome(ReferenceBackend(), shape)
    expectClose(found.y, expected.y.doubles, within: tested.tolerance, "forward")
    expectClose(found.inferred, expected.inferred.doubles, within: tested.tolerance, "with bias and ReLU")
    expectClose(found.dx, expected.dx.doubles, within: tested.tolerance, "backward to the input")
    expectClose(found.dw, expected.dw.doubles, within: tested.tolerance, "backward to the weights")
  }

  @Test(arguments: TestedBackend.fast)
  func `kernels of one backend do not spoil each other`(tested: TestedBackend) throws {
    let backend = try tested.make()
    let made = try Self.shapes.prefix(4).map { ($0, try backend.convolution($0, .training(dataGradient: false))) }
    for (shape, kernel) in made { kernel.pack(seededNumbers(2, shape.weightCount)) }
    for (shape, kernel) in made.reversed() {
      let x = Tensor(shape.input, backend.elementType, seed: 1)
      let y = Tensor(shape.output, backend.elementType)
      kernel.forward(x.address, bias: nil, y.address)
      let expected = ConvolutionReference(shape: shape).forward(
        x.doubles, seededNumbers(2, shape.weightCount).doubles)
      expectClose(y.values, expected, within: tested.tolerance)
    }
  }
}
