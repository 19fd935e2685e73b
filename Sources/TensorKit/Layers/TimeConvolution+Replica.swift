import CKernels
import Glibc

extension TimeConvolution {
  /// The layer's work space in one replica.
  public final class Replica {
    /// One tap's products for one sequence shape. A tap that is not in the middle sees fewer steps.
    private struct Tap {
      let forward: any ProductKernel
      var backward: (any ProductKernel)?
      var gradient: (any ProductKernel)?
      /// First row of the output that it reaches, first row of the input that it reads, and how many.
      let outputRow, inputRow, rows: Int
      let index: Int
    }

    private let layer: TimeConvolution
    private let backend: any KernelBackend
    private let memory: NetworkMemory
    private let use: NetworkUse
    private var taps: [Shape: (taps: [Tap], version: Int)] = [:]
    public let output: Tensor
    /// The output's gradient in the backend's element type.
    private let narrowed: Tensor?
    public let inputGradient: Tensor?
    private var input: Tensor?

    public init(
      _ layer: TimeConvolution, _ backend: any KernelBackend, _ memory: NetworkMemory, _ use: NetworkUse,
      largest input: Shape
    ) {
      self.layer = layer
      self.backend = backend
      self.memory = memory
      self.use = use
      let result = Shape(time: input.batch, batch: input.width, channels: layer.outputSize)
      output = Tensor(result)
      narrowed = use == .training ? Tensor(result, backend.elementType) : nil
      inputGradient = use == .training ? Tensor(input) : nil
    }

    private func makeTaps(_ shape: Shape) throws(KernelFault) -> [Tap] {
      let (time, batch, inputs, outputs) = (shape.batch, shape.width, shape.channels, layer.outputSize)
      var made: [Tap] = []
      // The middle tap reaches every row: it comes first and sets what the others add to.
      let middle = layer.kernel / 2
      for index in [middle] + (0..<layer.kernel).filter({ $0 != middle }) {
        let shift = index - middle
        let rows = (time - abs(shift)) * batch
        guard rows > 0 else { continue }
        var tap = Tap(
          forward: try backend.product(
            ProductShape(
              m: rows, n: outputs, k: inputs, aRow: inputs, bRow: 1, bColumn: inputs, cRow: outputs,
              accumulates: shift != 0, packsB: true, sharesB: use == .inference)),
          outputRow: max(0, -shift) * batch, inputRow: max(0, shift) * batch, rows: rows, index: index)
        if use == .training {
          tap.backward = try backend.product(
            ProductShape(
              m: rows, n: inputs, k: outputs, aRow: outputs, bRow: inputs, cRow: inputs, accumulates: shift != 0,
              packsB: true))
          tap.gradient = try backend.product(
            ProductShape(m: outputs, n: inputs, k: rows, aRow: 1, aColumn: outputs, bRow: inputs, cRow: inputs))
        }
        made.append(tap)
      }
      return made
    }

    private func weights(of tap: Tap, in array: FlatArray) -> UnsafeMutablePointer<Float> {
      array[layer.weight] + tap.index * layer.outputSize * layer.inputSize
    }

    private func taps(for shape: Shape, version: Int) throws(KernelFault) -> [Tap] {
      var entry: (taps: [Tap], version: Int)
      if taps[shape] == nil, taps.count >= mostKernels { taps.removeAll() }
      if let known = taps[shape] { entry = known } else { entry = (try makeTaps(shape), -1) }
      if entry.version != version {
        for tap in entry.taps {
          tap.forward.pack(weights(of: tap, in: memory.weights))
          tap.backward?.pack(weights(of: tap, in: memory.weights))
        }
        entry.version = version
      }
      taps[shape] = entry
      return entry.taps
    }

    /// - Parameter x: time x batch x input, of the backend's element type.
    public func forward(_ x: Tensor, version: Int) throws(KernelFault) -> Tensor {
      input = x
      output.reshape(Shape(time: x.shape.batch, batch: x.shape.width, channels: layer.outputSize))
      for tap in try taps(for: x.shape, version: version) {
        tap.forward.run(x.row(tap.inputRow), nil, output.floats + tap.outputRow * layer.outputSize)
      }
      htr_add_bias(
        HTR_FLOAT32, Int64(output.shape.rows), Int32(layer.outputSize), memory.weights[layer.bias], 0, output.address)
      return output
    }

    /// - Parameter dy: float32, the gradient at the output.
    /// - Returns: float32, the gradient at the input. Replaces the layer's gradients in the replica's array.
    public func backward(_ dy: Tensor) throws(KernelFault) -> Tensor {
      guard let x = input, let dx = inputGradient, let narrowed, let entry = taps[x.shape] else {
        preconditionFailure("backward without a forward pass")
      }
      narrowed.reshape(dy.shape)
      dx.reshape(x.shape)
      convert(from: dy.address, .float32, to: narrowed.address, narrowed.type, dy.shape.count)
      // Taps that reach no step of a short sequence have no gradient.
      if entry.taps.count < layer.kernel { memset(memory.gradients[layer.weight], 0, layer.weight.count * 4) }
      for tap in entry.taps {
        tap.backward?.run(narrowed.row(tap.outputRow), nil, dx.floats + tap.inputRow * layer.inputSize)
        tap.gradient?.run(narrowed.row(tap.outputRow), x.row(tap.inputRow), weights(of: tap, in: memory.gradients))
      }
      memset(memory.gradients[layer.bias], 0, layer.bias.count * 4)
      htr_add_column_sums(
        HTR_FLOAT32, Int64(dy.shape.rows), Int32(layer.outputSize), dy.address, memory.gradients[layer.bias])
      return dx
    }
  }
}
