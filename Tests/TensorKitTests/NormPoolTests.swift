import CKernels
import TensorKit
import Testing

/// Batch norm, ReLU and pooling in one pass, against the textbook.
@Suite struct NormPoolTests {
  struct Case: Sendable, CustomTestStringConvertible {
    let batch, height, width, channels, poolHeight, poolWidth: Int
    let type: ElementType
    var testDescription: String {
      "\(batch) x \(height) x \(width) x \(channels), pool \(poolHeight) x \(poolWidth), \(type)"
    }

    static let all = ElementType.both.flatMap { type in
      [
        (1, 1, 16, 16, 1, 1), (1, 4, 16, 16, 2, 2), (2, 6, 5, 32, 2, 1), (3, 3, 7, 16, 3, 1), (1, 2, 2, 48, 2, 2),
        (2, 4, 3, 16, 1, 1), (1, 16, 10, 16, 2, 2),
      ].map { Case(batch: $0, height: $1, width: $2, channels: $3, poolHeight: $4, poolWidth: $5, type: type) }
    }

    var shape: Shape { Shape(batch: batch, height: height, width: width, channels: channels) }
    var kernelShape: htr_pool_shape {
      htr_pool_shape(
        batch: Int32(batch), height: Int32(height), width: Int32(width), channels: Int32(channels),
        pool_height: Int32(poolHeight), pool_width: Int32(poolWidth))
    }
    var x: Tensor { Tensor(shape, type, seed: 1, scale: 2) }
    /// Of both signs: the largest output may come from the smallest input.
    var gamma: [Float] { seededNumbers(2, channels, scale: 1.5) }
    var beta: [Float] { seededNumbers(3, channels, scale: 0.5) }

    func reference(_ x: Tensor) -> NormPoolReference {
      NormPoolReference(
        shape: shape, poolHeight: poolHeight, poolWidth: poolWidth, x: x.doubles, gamma: gamma.doubles,
        beta: beta.doubles)
    }
  }

  /// A forward pass by the kernels.
  struct Pass {
    let x: Tensor
    let y: Tensor
    var winners: [UInt8]
    var mean, inverse: [Float]

    init(_ test: Case) {
      x = test.x
      let reference = test.reference(x)
      y = Tensor(reference.pooledShape, test.type)
      winners = [UInt8](repeating: 0, count: y.shape.count)
      mean = [Float](repeating: 0, count: test.channels)
      var variance = mean
      htr_channel_moments(
        test.type.kernelType, x.address, Int64(test.shape.rows), Int32(test.channels), &mean, &variance)
      inverse = variance.map { 1 / ($0 + 1e-5).squareRoot() }
      let scale = zip(test.gamma, inverse).map { $0 * $1 }
      let shift = test.beta.indices.map { test.beta[$0] - mean[$0] * scale[$0] }
      var shape = test.kernelShape
      htr_norm_pool_forward(test.type.kernelType, &shape, x.address, scale, shift, y.address, &winners)
    }
  }

  @Test(arguments: ElementType.both, [(1, 16), (127, 16), (128, 32), (300, 16)])
  func `mean and variance of each channel are the textbook's`(type: ElementType, size: (rows: Int, channels: Int)) {
    let shape = Shape(batch: 1, height: 1, width: size.rows, channels: size.channels)
    // Far from zero, where squares of the plain numbers would cancel each other out.
    let x = Tensor(shape, type, seededNumbers(4, shape.count).map { $0 + 100 })
    let zero = [Double](repeating: 0, count: size.channels)
    let expected = NormPoolReference(
      shape: shape, poolHeight: 1, poolWidth: 1, x: x.doubles, gamma: zero, beta: zero
    ).moments()
    var mean = [Float](repeating: 0, count: size.channels)
    var variance = mean
    htr_channel_moments(type.kernelType, x.address, Int64(size.rows), Int32(size.channels), &mean, &variance)
    expectClose(mean, expected.mean, within: 1e-6)
    expectClose(variance, expected.variance, within: 1e-4)
  }

  @Test(arguments: Case.all)
  func `the forward pass is the textbook's`(test: Case) {
    let pass = Pass(test)
    let expected = test.reference(pass.x).forward()
    expectClose(pass.y.values, expected.y, within: test.type.tolerance)
    if test.poolHeight * test.poolWidth > 1 { #expect(pass.winners.map(Int.init) == expected.winners) }
  }

  @Test(arguments: Case.all)
  func `the backward pass is the textbook's`(test: Case) {
    let pass = Pass(test)
    let reference = test.reference(pass.x)
    let dy = Tensor(reference.pooledShape, test.type, seed: 5)
    let expected = reference.backward(dy.doubles)
    var dgamma = [Float](repeating: 0, count: test.channels)
    var dbeta = dgamma
    var shape = test.kernelShape
    htr_norm_pool_gradient_sums(
      test.type.kernelType, &shape, pass.x.address, pass.y.address, dy.address, pass.winners, pass.mean, pass.inverse,
      &dbeta, &dgamma)
    htr_norm_pool_backward(
      test.type.kernelType, &shape, pass.x.address, pass.y.address, dy.address, pass.winners, pass.mean, pass.inverse,
      test.gamma, dbeta, dgamma)
    expectClose(dbeta, expected.dbeta, within: 2e-5)
    expectClose(dgamma, expected.dgamma, within: 2e-5)
    expectClose(pass.x.values, expected.dx, within: test.type.tolerance)
  }

  @Test(arguments: Case.all)
  func `plain max pooling takes the largest of each window`(test: Case) {
    let x = test.x
    let reference = test.reference(x)
    let y = Tensor(reference.pooledShape, test.type)
    var shape = test.kernelShape
    htr_max_pool(test.type.kernelType, &shape, x.address, y.address)
    #expect(y.doubles == reference.maxPool())
  }
}
