import TensorKit
import Testing

/// Backward passes against finite differences of the forward passes, on the reference backend.
@Suite struct LayerGradientTests {
  /// The loss is the output weighed with fixed numbers, summed in double; all gradients of a layer, some places of each.
  private func check(_ layer: some TestedLayer, seed: UInt64) throws {
    let count = try layer.forward().shape.count
    let dy = seededNumbers(seed + 50, count)
    func loss() throws -> Double { zip(try layer.forward().values, dy).reduce(0) { $0 + Double($1.0) * Double($1.1) } }
    let dx = try layer.backward(dy)
    var (compared, tried) = (0, 0)
    for parameter in layer.layout.parameters {
      let done = try compareGradient(
        parameter.name, at: layer.memory.weights[parameter], analytic: layer.memory.gradients.values(of: parameter),
        count: 6, seed: seed, loss: loss)
      (compared, tried) = (compared + done.compared, tried + done.tried)
    }
    if !dx.isEmpty {
      let done = try compareGradient("x", at: layer.x.floats, analytic: dx, count: 10, seed: seed, loss: loss)
      (compared, tried) = (compared + done.compared, tried + done.tried)
    }
    #expect(Double(compared) >= 0.6 * Double(tried))
  }

  @Test(arguments: [(1, 2, 2), (1, 1, 1), (16, 1, 1), (16, 2, 2), (16, 2, 1), (16, 4, 1)])
  func `a convolution unit's gradients are its slopes`(inputs: Int, poolHeight: Int, poolWidth: Int) throws {
    let seed = UInt64(1_000 * inputs + 10 * poolHeight + poolWidth)
    let layer = try ConvolutionLayer(
      ReferenceBackend(), inputs: inputs, outputs: 16, pool: (poolHeight, poolWidth),
      input: Shape(batch: 2, height: 4, width: 2, channels: inputs), seed: seed)
    try check(layer, seed: seed)
  }

  @Test(arguments: [(3, 2), (1, 1), (1, 2), (5, 1)])
  func `a convolution unit's gradients are its slopes, whatever kernel and stride`(kernel: Int, stride: Int) throws {
    let seed = UInt64(30_000 + 10 * kernel + stride)
    let layer = try ConvolutionLayer(
      ReferenceBackend(), inputs: 16, outputs: 16, kernel: kernel, stride: stride, pool: (1, 1),
      input: Shape(batch: 2, height: 4, width: 6, channels: 16), seed: seed)
    #expect(try layer.forward().shape == Shape(batch: 2, height: 4 / stride, width: 6 / stride, channels: 16))
    try check(layer, seed: seed)
  }

  @Test(arguments: [(1, 2), (2, 1), (5, 2)])
  func `an LSTM's gradients are its slopes`(time: Int, batch: Int) throws {
    let seed = UInt64(7_000 + 10 * time + batch)
    try check(LSTMLayer(ReferenceBackend(), time: time, batch: batch, inputs: 4, hidden: 16, seed: seed), seed: seed)
  }

  @Test(arguments: [(1, 3, 1), (6, 2, 1), (6, 2, 3), (2, 3, 3), (6, 1, 5)])
  func `a time convolution's gradients are its slopes`(time: Int, batch: Int, kernel: Int) throws {
    let seed = UInt64(8_000 + 100 * time + 10 * batch + kernel)
    try check(
      TimeLayer(ReferenceBackend(), time: time, batch: batch, inputs: 5, outputs: 4, kernel: kernel, seed: seed),
      seed: seed)
  }

  @Test func `taps that reach no step have no gradient`() throws {
    let layer = try TimeLayer(ReferenceBackend(), time: 1, batch: 2, inputs: 3, outputs: 2, kernel: 3, seed: 9_000)
    _ = try layer.forward()
    _ = try layer.backward(seededNumbers(1, 4))
    let gradient = layer.memory.gradients.values(of: layer.convolution.weight)
    #expect(gradient[0..<6].allSatisfy { $0 == 0 })
    #expect(gradient[12..<18].allSatisfy { $0 == 0 })
  }
}
