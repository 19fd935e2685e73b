import TensorKit
import Testing

/// Layers forward and backward against PyTorch, on every float32 backend.
///
/// Both sides compute in another order, PyTorch in double; results are written with five digits.
@Suite struct GoldenTests {
  private static let tolerance = 1e-4

  @Test(arguments: TestedBackend.float32)
  func `convolution units are PyTorch's`(tested: TestedBackend) throws {
    let cases = try GoldenFile().cases("convolution_unit")
    #expect(cases.count == 4)
    for golden in cases {
      let layer = try ConvolutionLayer(
        tested.make(), inputs: golden["inputs"], outputs: golden["outputs"],
        pool: (golden["pool_height"], golden["pool_width"]),
        input: Shape(
          batch: golden["batch"], height: golden["height"], width: golden["width"], channels: golden["inputs"]),
        seed: golden.seed)
      let y = try layer.forward()
      expectClose(y.values, golden.numbers("y"), within: Self.tolerance, "output")
      let dx = try layer.backward(seededNumbers(golden.seed + 6, y.shape.count))
      if golden["inputs"] > 1 { expectClose(dx, golden.numbers("dx"), within: Self.tolerance, "dx") }
      let (gradients, statistics) = (layer.memory.gradients, layer.memory.statistics)
      for (parameter, name) in [
        (layer.unit.weight, "dweight"), (layer.unit.gamma, "dgamma"), (layer.unit.beta, "dbeta"),
      ] {
        expectClose(gradients.values(of: parameter), golden.numbers(name), within: Self.tolerance, "\(name)")
      }
      expectClose(statistics.values(of: layer.unit.runningMean), golden.numbers("running_mean"), within: Self.tolerance)
      expectClose(
        statistics.values(of: layer.unit.runningVariance), golden.numbers("running_variance"), within: Self.tolerance)
    }
  }

  @Test(arguments: TestedBackend.float32)
  func `bidirectional LSTMs are PyTorch's`(tested: TestedBackend) throws {
    let cases = try GoldenFile().cases("bidirectional_lstm")
    #expect(cases.count == 2)
    for golden in cases {
      let layer = try LSTMLayer(
        tested.make(), time: golden["time"], batch: golden["batch"], inputs: golden["inputs"],
        hidden: golden["hidden"], seed: golden.seed)
      let y = try layer.forward()
      expectClose(y.values, golden.numbers("y"), within: Self.tolerance, "output")
      let dx = try layer.backward(seededNumbers(golden.seed + 7, y.shape.count))
      expectClose(dx, golden.numbers("dx"), within: Self.tolerance, "dx")
      for parameter in layer.layout.parameters {
        let name = String(parameter.name.dropFirst("layer.".count))
        expectClose(
          layer.memory.gradients.values(of: parameter), golden.numbers(name), within: Self.tolerance, "\(name)")
      }
    }
  }

  @Test(arguments: TestedBackend.float32)
  func `time convolutions are PyTorch's`(tested: TestedBackend) throws {
    let cases = try GoldenFile().cases("time_convolution")
    #expect(cases.count == 3)
    for golden in cases {
      let layer = try TimeLayer(
        tested.make(), time: golden["time"], batch: golden["batch"], inputs: golden["inputs"],
        outputs: golden["outputs"], kernel: golden["kernel"], seed: golden.seed)
      let y = try layer.forward()
      expectClose(y.values, golden.numbers("y"), within: Self.tolerance, "output")
      let dx = try layer.backward(seededNumbers(golden.seed + 3, y.shape.count))
      expectClose(dx, golden.numbers("dx"), within: Self.tolerance, "dx")
      let gradients = layer.memory.gradients
      expectClose(gradients.values(of: layer.convolution.weight), golden.numbers("dweight"), within: Self.tolerance)
      expectClose(gradients.values(of: layer.convolution.bias), golden.numbers("dbias"), within: Self.tolerance)
    }
  }

  @Test func `CTC losses are PyTorch's`() throws {
    let cases = try GoldenFile().cases("ctc")
    #expect(cases.count == 3)
    for golden in cases {
      let labels = golden.labels
      let shape = Shape(time: golden["time"], batch: labels.count, channels: golden["classes"])
      var values = seededNumbers(golden.seed, shape.count, scale: 3)
      for index in values.indices where index % shape.channels == 0 { values[index] += Float(golden.number("blank")) }
      let gradient = Tensor(shape)
      var loss = CTCLoss()
      let losses = loss(Tensor(shape, .float32, values), labels: labels, scale: 1, gradient: gradient)
      expectClose(losses, golden.numbers("losses"), within: Self.tolerance)
      expectClose(gradient.values, golden.numbers("dscores"), within: Self.tolerance)
    }
  }

  @Test func `steps of AdamW are PyTorch's`() throws {
    let cases = try GoldenFile().cases("adamw")
    #expect(cases.count == 2)
    for golden in cases {
      var layout = ParameterLayout()
      let decayed = layout.add("decayed", [3, 7], decays: true)
      let plain = layout.add("plain", [5])
      let (weights, gradient) = (FlatArray(count: layout.count), FlatArray(count: layout.count))
      weights.set(decayed, to: seededNumbers(golden.seed, 21))
      weights.set(plain, to: seededNumbers(golden.seed + 1, 5))
      let optimizer = AdamW(
        layout, weights: weights,
        settings: .init(
          weightDecay: Float(golden.number("weight_decay")), longestGradient: golden.number("longest")))
      for (step, rate) in golden.numbers("rates").enumerated() {
        let seed = golden.seed + UInt64(10 * (step + 1))
        gradient.set(decayed, to: seededNumbers(seed, 21))
        gradient.set(plain, to: seededNumbers(seed + 1, 5))
        let squares = optimizer.reduce(layout.parameters[...], [gradient])
        optimizer.update(layout.parameters[...], gradient: gradient, squares: squares, learningRate: Float(rate))
        optimizer.step += 1
      }
      expectClose(weights.values(of: decayed), golden.numbers("decayed"), within: Self.tolerance)
      expectClose(weights.values(of: plain), golden.numbers("plain"), within: Self.tolerance)
    }
  }

  @Test func `log softmax is PyTorch's`() throws {
    let cases = try GoldenFile().cases("log_softmax")
    #expect(cases.count == 2)
    for golden in cases {
      let x = Tensor(
        Shape(time: golden["rows"], batch: 1, channels: golden["classes"]), seed: golden.seed,
        scale: golden.number("scale"))
      x.applyLogSoftmax()
      expectClose(x.values, golden.numbers("y"), within: Self.tolerance)
    }
  }
}
