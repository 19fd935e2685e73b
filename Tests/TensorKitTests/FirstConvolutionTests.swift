import CKernels
import TensorKit
import Testing

/// The convolution of one input channel, against its definition.
@Suite struct FirstConvolutionTests {
  static let sizes = [(1, 1, 1, 16), (1, 3, 16, 16), (2, 4, 5, 32), (3, 7, 2, 16), (1, 1, 9, 16)]

  private static func reference(_ size: (batch: Int, height: Int, width: Int, channels: Int)) -> ConvolutionReference {
    let input = Shape(batch: size.batch, height: size.height, width: size.width, channels: 1)
    return ConvolutionReference(shape: ConvolutionShape(input: input, outputChannels: size.channels))
  }

  /// From [channel][tap] to [tap][channel], as the kernel has them.
  private static func transposed(_ weights: [Float], channels: Int) -> [Float] {
    weights.indices.map { weights[$0 % channels * 9 + $0 / channels] }
  }

  @Test(arguments: ElementType.both, sizes)
  func `the output is the definition's`(type: ElementType, size: (batch: Int, height: Int, width: Int, channels: Int)) {
    let reference = Self.reference(size)
    let x = Tensor(reference.shape.input, seed: 1)
    let weights = seededNumbers(2, reference.shape.weightCount)
    let y = Tensor(reference.shape.output, type)
    htr_first_convolution(
      type.kernelType, Int32(size.batch), Int32(size.height), Int32(size.width), Int32(size.channels), x.floats,
      Self.transposed(weights, channels: size.channels), nil, 0, y.address)
    expectClose(y.values, reference.forward(x.doubles, weights.doubles), within: type.tolerance)
  }

  @Test(arguments: ElementType.both, sizes)
  func `a bias is added before the output is clipped at zero`(
    type: ElementType, size: (batch: Int, height: Int, width: Int, channels: Int)
  ) {
    let reference = Self.reference(size)
    let x = Tensor(reference.shape.input, seed: 1)
    let weights = seededNumbers(2, reference.shape.weightCount)
    let bias = seededNumbers(3, size.channels)
    let y = Tensor(reference.shape.output, type)
    htr_first_convolution(
      type.kernelType, Int32(size.batch), Int32(size.height), Int32(size.width), Int32(size.channels), x.floats,
      Self.transposed(weights, channels: size.channels), bias, 1, y.address)
    let expected = reference.forward(x.doubles, weights.doubles).enumerated().map { index, value in
      max(0, value + Double(bias[index % size.channels]))
    }
    expectClose(y.values, expected, within: type.tolerance)
  }

  @Test(arguments: ElementType.both, sizes)
  func `the gradient at the weights is the definition's`(
    type: ElementType, size: (batch: Int, height: Int, width: Int, channels: Int)
  ) {
    let reference = Self.reference(size)
    let x = Tensor(reference.shape.input, seed: 1)
    let dy = Tensor(reference.shape.output, type, seed: 4)
    var dw = [Float](repeating: .nan, count: reference.shape.weightCount)
    htr_first_convolution_gradient(
      type.kernelType, Int32(size.batch), Int32(size.height), Int32(size.width), Int32(size.channels), x.floats,
      dy.address, &dw)
    let expected = reference.weightGradient(x.doubles, dy.doubles)
    // Float32 sums of exact products, whatever the type of dy.
    expectClose(
      dw, dw.indices.map { expected[$0 % size.channels * 9 + $0 / size.channels] }, within: 2e-5)
  }
}
