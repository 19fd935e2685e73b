import TensorKit

/// A layer with its parameters and one input, all drawn from seeds as Golden/make_golden.py draws them.
protocol TestedLayer: AnyObject {
  var layout: ParameterLayout { get }
  var memory: NetworkMemory { get }
  var x: Tensor { get }
  func forward() throws -> Tensor
  /// - Parameter dy: the gradient at the output.
  /// - Returns: the gradient at the input; empty for a first convolution.
  func backward(_ dy: [Float]) throws -> [Float]
}

extension NetworkMemory {
  /// Gradients begin as nonsense: layers replace them.
  init(_ layout: ParameterLayout, statistics: Int = 0) {
    let gradients = FlatArray(count: layout.count)
    for index in 0..<layout.count { gradients.pointer[index] = 1e6 }
    self.init(
      weights: FlatArray(count: layout.count), gradients: gradients, statistics: FlatArray(count: statistics))
  }
}

final class ConvolutionLayer: TestedLayer {
  let layout: ParameterLayout
  let memory: NetworkMemory
  let unit: ConvolutionUnit
  let x: Tensor
  private let replica: ConvolutionUnit.Replica
  private let type: ElementType
  private var version = 0
  private var outputShape: Shape { unit.outputShape(x.shape) }

  init(
    _ backend: any KernelBackend, inputs: Int, outputs: Int, kernel: Int = 3, stride: Int = 1,
    pool: (height: Int, width: Int), input: Shape, seed: UInt64
  ) throws {
    var layout = ParameterLayout()
    var statistics = ParameterLayout()
    unit = ConvolutionUnit(
      "layer", &layout, &statistics, inputChannels: inputs, outputChannels: outputs, kernel: kernel, stride: stride,
      pool: pool)
    memory = NetworkMemory(layout, statistics: statistics.count)
    memory.weights.set(unit.weight, to: seededNumbers(seed + 1, unit.weight.count, scale: 0.3))
    memory.weights.set(unit.gamma, to: seededNumbers(seed + 2, outputs, scale: 0.5).map { 1 + $0 })
    memory.weights.set(unit.beta, to: seededNumbers(seed + 3, outputs, scale: 0.5))
    memory.statistics.set(unit.runningMean, to: seededNumbers(seed + 4, outputs))
    memory.statistics.set(unit.runningVariance, to: seededNumbers(seed + 5, outputs, scale: 0.5).map { 1 + $0 })
    self.layout = layout
    type = backend.elementType
    x = Tensor(input, inputs == 1 ? .float32 : type, seed: seed)
    // Planned for more than the input: what is planned must not matter.
    var largest = input
    largest.batch += 1
    replica = ConvolutionUnit.Replica(unit, backend, memory, .training, largest: largest)
  }

  func forward() throws -> Tensor {
    version += 1
    return try replica.forward(x, version: version)
  }

  func backward(_ dy: [Float]) throws -> [Float] {
    try replica.backward(Tensor(outputShape, type, dy))?.values ?? []
  }
}

final class LSTMLayer: TestedLayer {
  let layout: ParameterLayout
  let memory: NetworkMemory
  let x: Tensor
  private let lstm: BidirectionalLSTM
  private let replica: BidirectionalLSTM.Replica
  private var version = 0

  init(_ backend: any KernelBackend, time: Int, batch: Int, inputs: Int, hidden: Int, seed: UInt64) throws {
    var layout = ParameterLayout()
    lstm = BidirectionalLSTM("layer", &layout, input: inputs, hidden: hidden)
    memory = NetworkMemory(layout)
    for (index, parameter) in layout.parameters.enumerated() {
      memory.weights.set(parameter, to: seededNumbers(seed + 1 + UInt64(index), parameter.count, scale: 0.5))
    }
    self.layout = layout
    x = Tensor(Shape(time: time, batch: batch, channels: inputs), backend.elementType, seed: seed)
    replica = BidirectionalLSTM.Replica(
      lstm, backend, memory, .training, largest: Shape(time: time + 2, batch: batch + 1, channels: inputs))
  }

  func forward() throws -> Tensor {
    version += 1
    return try replica.forward(x, version: version)
  }

  func backward(_ dy: [Float]) throws -> [Float] {
    try replica.backward(
      Tensor(Shape(time: x.shape.batch, batch: x.shape.width, channels: lstm.outputSize), .float32, dy)
    )
    .values
  }
}

final class TimeLayer: TestedLayer {
  let layout: ParameterLayout
  let memory: NetworkMemory
  let x: Tensor
  let convolution: TimeConvolution
  private let outputs: Int
  private let replica: TimeConvolution.Replica
  private var version = 0

  init(
    _ backend: any KernelBackend, time: Int, batch: Int, inputs: Int, outputs: Int, kernel: Int, seed: UInt64
  ) throws {
    var layout = ParameterLayout()
    convolution = TimeConvolution("layer", &layout, input: inputs, output: outputs, kernel: kernel)
    memory = NetworkMemory(layout)
    memory.weights.set(convolution.weight, to: seededNumbers(seed + 1, convolution.weight.count))
    memory.weights.set(convolution.bias, to: seededNumbers(seed + 2, outputs))
    self.layout = layout
    self.outputs = outputs
    x = Tensor(Shape(time: time, batch: batch, channels: inputs), backend.elementType, seed: seed)
    replica = TimeConvolution.Replica(
      convolution, backend, memory, .training, largest: Shape(time: time + 2, batch: batch + 1, channels: inputs))
  }

  func forward() throws -> Tensor {
    version += 1
    return try replica.forward(x, version: version)
  }

  func backward(_ dy: [Float]) throws -> [Float] {
    try replica.backward(Tensor(Shape(time: x.shape.batch, batch: x.shape.width, channels: outputs), .float32, dy))
      .values
  }
}
