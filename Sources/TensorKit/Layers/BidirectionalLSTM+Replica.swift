import CKernels
import Glibc

extension BidirectionalLSTM {
  /// The layer's work space in one replica, planned for sequences up to a shape.
  public final class Replica {
    /// Products of one sequence shape.
    private struct Kernels {
      let inputToGates: [any ProductKernel]
      let recurrent: [any ProductKernel]
      // Training only.
      var gatesToHidden: [any ProductKernel] = []
      var gatesToInput: [any ProductKernel] = []
      var inputGradient: (any ProductKernel)?
      var recurrentGradient: (any ProductKernel)?
      var version = -1
    }

    private let layer: BidirectionalLSTM
    private let backend: any KernelBackend
    private let memory: NetworkMemory
    private let use: NetworkUse
    private var kernels: [Shape: Kernels] = [:]
    private let gates: [Tensor]
    private let cells: [Tensor]
    public let output: Tensor
    private let gateGradients: [Tensor]
    private let hiddenGradient: Tensor
    private let cellGradient: Tensor
    /// Float32, for the layer before.
    public let inputGradient: Tensor?
    private var input: Tensor?

    public init(
      _ layer: BidirectionalLSTM, _ backend: any KernelBackend, _ memory: NetworkMemory, _ use: NetworkUse,
      largest input: Shape
    ) {
      self.layer = layer
      self.backend = backend
      self.memory = memory
      self.use = use
      func sized(_ channels: Int) -> Shape { Shape(time: input.batch, batch: input.width, channels: channels) }
      let step = Shape(time: 1, batch: input.width, channels: layer.hidden)
      gates = layer.directions.map { _ in Tensor(sized(4 * layer.hidden)) }
      cells = layer.directions.map { _ in Tensor(sized(layer.hidden)) }
      output = Tensor(sized(layer.outputSize), backend.elementType)
      gateGradients =
        use == .training ? layer.directions.map { _ in Tensor(sized(4 * layer.hidden), backend.elementType) } : []
      hiddenGradient = Tensor(step)
      cellGradient = Tensor(step)
      inputGradient = use == .training ? Tensor(input) : nil
    }

    private func makeKernels(_ shape: Shape) throws(KernelFault) -> Kernels {
      let (time, batch, inputs, hidden) = (shape.batch, shape.width, shape.channels, layer.hidden)
      let rows = time * batch
      var toGates: [any ProductKernel] = []
      var recurrent: [any ProductKernel] = []
      for _ in layer.directions {
        toGates.append(
          try backend.product(
            ProductShape(
              m: rows, n: 4 * hidden, k: inputs, aRow: inputs, bRow: 1, bColumn: inputs, cRow: 4 * hidden,
              packsB: true, sharesB: use == .inference)))
        recurrent.append(
          try backend.product(
            ProductShape(
              m: batch, n: 4 * hidden, k: hidden, aRow: 2 * hidden, bRow: 1, bColumn: hidden, cRow: 4 * hidden,
              accumulates: true, packsB: true, sharesB: use == .inference)))
      }
      var made = Kernels(inputToGates: toGates, recurrent: recurrent)
      guard use == .training else { return made }
      for (index, _) in layer.directions.enumerated() {
        made.gatesToHidden.append(
          try backend.product(
            ProductShape(m: batch, n: hidden, k: 4 * hidden, aRow: 4 * hidden, bRow: hidden, cRow: hidden, packsB: true)
          ))
        made.gatesToInput.append(
          try backend.product(
            ProductShape(
              m: rows, n: inputs, k: 4 * hidden, aRow: 4 * hidden, bRow: inputs, cRow: inputs,
              accumulates: index > 0, packsB: true)))
      }
      made.inputGradient = try backend.product(
        ProductShape(m: 4 * hidden, n: inputs, k: rows, aRow: 1, aColumn: 4 * hidden, bRow: inputs, cRow: inputs))
      if time > 1 {
        made.recurrentGradient = try backend.product(
          ProductShape(
            m: 4 * hidden, n: hidden, k: rows - batch, aRow: 1, aColumn: 4 * hidden, bRow: 2 * hidden, cRow: hidden))
      }
      return made
    }

    private func kernels(for shape: Shape, version: Int) throws(KernelFault) -> Kernels {
      var entry: Kernels
      if kernels[shape] == nil, kernels.count >= mostKernels { kernels.removeAll() }
      if let known = kernels[shape] { entry = known } else { entry = try makeKernels(shape) }
      if entry.version != version {
        for (index, direction) in layer.directions.enumerated() {
          entry.inputToGates[index].pack(memory.weights[direction.input])
          entry.recurrent[index].pack(memory.weights[direction.recurrent])
          guard use == .training else { continue }
          entry.gatesToHidden[index].pack(memory.weights[direction.recurrent])
          entry.gatesToInput[index].pack(memory.weights[direction.input])
        }
        entry.version = version
      }
      kernels[shape] = entry
      return entry
    }

    /// - Parameter x: time x batch x input, of the backend's element type.
    /// - Returns: time x batch x 2 hidden.
    public func forward(_ x: Tensor, version: Int) throws(KernelFault) -> Tensor {
      input = x
      let (time, batch, hidden) = (x.shape.batch, x.shape.width, layer.hidden)
      let type = backend.elementType
      let kernels = try kernels(for: x.shape, version: version)
      output.reshape(Shape(time: time, batch: batch, channels: 2 * hidden))
      for (index, direction) in layer.directions.enumerated() {
        let (gates, cells) = (gates[index], cells[index])
        gates.reshape(Shape(time: time, batch: batch, channels: 4 * hidden))
        cells.reshape(Shape(time: time, batch: batch, channels: hidden))
        kernels.inputToGates[index].run(x.address, nil, gates.floats)
        htr_add_bias(
          HTR_FLOAT32, Int64(gates.shape.rows), Int32(4 * hidden), memory.weights[direction.bias], 0, gates.address)
        for step in 0..<time {
          let now = direction.isReversed ? time - 1 - step : step
          let before = direction.isReversed ? now + 1 : now - 1
          let stepGates = gates.floats + now * batch * 4 * hidden
          let side = index * hidden * type.bytes
          if step > 0 { kernels.recurrent[index].run(output.row(before * batch) + side, nil, stepGates) }
          htr_lstm_step_forward(
            type.kernelType, Int32(batch), Int32(hidden), stepGates,
            step > 0 ? cells.floats + before * batch * hidden : nil, cells.floats + now * batch * hidden,
            output.row(now * batch) + side, Int64(2 * hidden))
        }
      }
      return output
    }

    /// - Parameter dy: float32, the gradient at the output.
    /// - Returns: float32, the gradient at the input. Replaces the layer's gradients in the replica's array.
    public func backward(_ dy: Tensor) throws(KernelFault) -> Tensor {
      guard let x = input, let dx = inputGradient, let kernels = kernels[x.shape] else {
        preconditionFailure("backward without a forward pass")
      }
      dx.reshape(x.shape)
      for index in layer.directions.indices {
        backwardThroughTime(index, dy, kernels)
        kernels.gatesToInput[index].run(gateGradients[index].address, nil, dx.floats)
        sumGradients(index, x, kernels)
      }
      return dx
    }

    private func backwardThroughTime(_ index: Int, _ dy: Tensor, _ kernels: Kernels) {
      let (time, batch, hidden) = (dy.shape.batch, dy.shape.width, layer.hidden)
      let type = backend.elementType.kernelType
      let isReversed = layer.directions[index].isReversed
      let gradients = gateGradients[index]
      gradients.reshape(Shape(time: time, batch: batch, channels: 4 * hidden))
      memset(cellGradient.address, 0, batch * hidden * 4)
      for step in (0..<time).reversed() {
        let now = isReversed ? time - 1 - step : step
        let before = isReversed ? now + 1 : now - 1
        htr_lstm_step_backward(
          type, Int32(batch), Int32(hidden), gates[index].floats + now * batch * 4 * hidden,
          step > 0 ? cells[index].floats + before * batch * hidden : nil,
          cells[index].floats + now * batch * hidden, dy.floats + now * batch * 2 * hidden + index * hidden,
          Int64(2 * hidden), step < time - 1 ? hiddenGradient.floats : nil, cellGradient.floats,
          gradients.row(now * batch))
        if step > 0 { kernels.gatesToHidden[index].run(gradients.row(now * batch), nil, hiddenGradient.floats) }
      }
    }

    private func sumGradients(_ index: Int, _ x: Tensor, _ kernels: Kernels) {
      let (time, batch, hidden) = (x.shape.batch, x.shape.width, layer.hidden)
      let direction = layer.directions[index]
      let gradients = gateGradients[index]
      kernels.inputGradient?.run(gradients.address, x.address, memory.gradients[direction.input])
      // The state before each step: one step earlier in the output, in the direction of reading.
      let (later, earlier) = direction.isReversed ? (0, 1) : (1, 0)
      if time > 1 {
        kernels.recurrentGradient?.run(
          gradients.row(later * batch), output.row(earlier * batch) + index * hidden * backend.elementType.bytes,
          memory.gradients[direction.recurrent])
      } else {
        memset(memory.gradients[direction.recurrent], 0, direction.recurrent.count * 4)
      }
      memset(memory.gradients[direction.bias], 0, direction.bias.count * 4)
      htr_add_column_sums(
        backend.elementType.kernelType, Int64(time * batch), Int32(4 * hidden), gradients.address,
        memory.gradients[direction.bias])
    }
  }
}
