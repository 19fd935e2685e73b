import CKernels

private let epsilon: Float = 1e-5
/// The share that a step's mean and variance have in the running ones.
private let momentum: Float = 0.1
/// Shapes that a replica keeps kernels for: pages come in all sizes, and each kernel is code and memory.
let mostKernels = 64

extension ConvolutionUnit {
  /// The unit's work space in one replica, planned for pictures up to a shape.
  public final class Replica {
    private let unit: ConvolutionUnit
    private let backend: any KernelBackend
    private let memory: NetworkMemory
    private let use: NetworkUse
    private var kernels: [Shape: (kernel: any ConvolutionKernel, version: Int)] = [:]
    /// The convolution's output; in a backward pass the gradient there.
    private let convolved: Tensor
    public let output: Tensor
    private let winners: UnsafeMutablePointer<UInt8>
    /// The gradient at the unit's input, for the unit before.
    public let inputGradient: Tensor?
    private var input: Tensor?
    private var firstWeights: [Float]
    private var folded: (weights: [Float], bias: [Float], version: Int)?
    /// One number per channel: the batch's mean, variance and 1/deviation, and the norm as scale and shift.
    private var mean, variance, inverse, scale, shift: [Float]

    /// - Parameter spare: a tensor that nobody needs any more when this unit runs, to write to; taken in inference, when
    ///   it is large enough.
    public init(
      _ unit: ConvolutionUnit, _ backend: any KernelBackend, _ memory: NetworkMemory, _ use: NetworkUse,
      largest input: Shape, spare: Tensor? = nil
    ) {
      self.unit = unit
      self.backend = backend
      self.memory = memory
      self.use = use
      // Without a pool, inference writes to the output at once.
      let isKept = use == .training || unit.poolHeight * unit.poolWidth > 1
      let full = unit.convolution(input).output
      convolved = Tensor(isKept ? full : Shape(batch: 0, height: 0, width: 0, channels: 0), backend.elementType)
      let largest = unit.outputShape(input)
      let canSpare = use == .inference && spare?.type == backend.elementType && spare?.capacity ?? 0 >= largest.count
      output = (canSpare ? spare : nil) ?? Tensor(largest, backend.elementType)
      winners = .allocate(capacity: output.capacity)
      let isFirst = unit.inputChannels == 1
      inputGradient = use == .training && !isFirst ? Tensor(input, backend.elementType) : nil
      firstWeights = [Float](repeating: 0, count: isFirst ? unit.weight.count : 0)
      mean = [Float](repeating: 0, count: unit.outputChannels)
      (variance, inverse, scale, shift) = (mean, mean, mean, mean)
    }

    deinit { winners.deallocate() }

    private var isFirst: Bool { unit.inputChannels == 1 }

    private func kernel(for shape: Shape, version: Int) throws(KernelFault) -> any ConvolutionKernel {
      var entry = kernels[shape]
      if entry == nil {
        if kernels.count >= mostKernels { kernels.removeAll() }
        let made = try backend.convolution(
          unit.convolution(shape),
          use == .training ? .training(dataGradient: true) : .inference)
        entry = (made, -1)
      }
      guard var entry else { preconditionFailure() }
      if entry.version != version {
        if use == .inference {
          fold(version)
          folded?.weights.withUnsafeBufferPointer { entry.kernel.pack($0.baseAddress!) }
        } else {
          entry.kernel.pack(memory.weights[unit.weight])
        }
        entry.version = version
      }
      kernels[shape] = entry
      return entry.kernel
    }

    /// Weights and bias that do in one step what convolution and norm (with running statistics) do in two.
    private func fold(_ version: Int) {
      if folded?.version == version { return }
      var weights = memory.weights.values(of: unit.weight)
      var bias = [Float](repeating: 0, count: unit.outputChannels)
      let each = unit.weight.count / unit.outputChannels
      for channel in 0..<unit.outputChannels {
        let deviation = (memory.statistics[unit.runningVariance][channel] + epsilon).squareRoot()
        let scale = memory.weights[unit.gamma][channel] / deviation
        for index in channel * each..<(channel + 1) * each { weights[index] *= scale }
        bias[channel] = memory.weights[unit.beta][channel] - memory.statistics[unit.runningMean][channel] * scale
      }
      folded = (weights, bias, version)
    }

    /// [tap][channel], as the kernel for one input channel wants them.
    private func arrangeFirst(_ weights: UnsafePointer<Float>) {
      for channel in 0..<unit.outputChannels {
        for tap in 0..<9 { firstWeights[tap * unit.outputChannels + channel] = weights[channel * 9 + tap] }
      }
    }

    private var pool: htr_pool_shape {
      guard let input else { preconditionFailure("a pool without a forward pass") }
      let full = unit.convolution(input.shape).output
      return htr_pool_shape(
        batch: Int32(full.batch), height: Int32(full.height), width: Int32(full.width),
        channels: Int32(full.channels), pool_height: Int32(unit.poolHeight), pool_width: Int32(unit.poolWidth))
    }

    private func take(_ x: Tensor) {
      input = x
      if convolved.capacity > 0 { convolved.reshape(unit.convolution(x.shape).output) }
      output.reshape(unit.outputShape(x.shape))
    }

    /// - Parameters:
    ///   - x: float32 when it has one channel, else of the backend's element type.
    ///   - version: changes whenever the weights have changed.
    public func forward(_ x: Tensor, version: Int) throws(KernelFault) -> Tensor {
      take(x)
      return use == .training ? try train(x, version) : try infer(x, version)
    }

    private func infer(_ x: Tensor, _ version: Int) throws(KernelFault) -> Tensor {
      let type = backend.elementType.kernelType
      var pool = self.pool
      let isPooled = unit.poolHeight * unit.poolWidth > 1
      let target = isPooled ? convolved : output
      fold(version)
      guard let folded else { preconditionFailure() }
      if isFirst {
        folded.weights.withUnsafeBufferPointer { arrangeFirst($0.baseAddress!) }
        htr_first_convolution(
          type, pool.batch, pool.height, pool.width, pool.channels, x.floats, firstWeights, folded.bias, 1,
          target.address)
      } else {
        try kernel(for: x.shape, version: version).forward(x.address, bias: folded.bias, target.address)
      }
      if isPooled { htr_max_pool(type, &pool, convolved.address, output.address) }
      return output
    }

    private func train(_ x: Tensor, _ version: Int) throws(KernelFault) -> Tensor {
      let type = backend.elementType.kernelType
      var pool = self.pool
      if isFirst {
        arrangeFirst(memory.weights[unit.weight])
        htr_first_convolution(
          type, pool.batch, pool.height, pool.width, pool.channels, x.floats, firstWeights, nil, 0, convolved.address)
      } else {
        try kernel(for: x.shape, version: version).forward(x.address, bias: nil, convolved.address)
      }
      htr_channel_moments(
        type, convolved.address, Int64(convolved.shape.rows), pool.channels, &mean, &variance)
      let gamma = memory.weights[unit.gamma]
      let beta = memory.weights[unit.beta]
      let runningMean = memory.statistics[unit.runningMean]
      let runningVariance = memory.statistics[unit.runningVariance]
      let rows = Float(convolved.shape.rows)
      for channel in 0..<unit.outputChannels {
        inverse[channel] = 1 / (variance[channel] + epsilon).squareRoot()
        scale[channel] = gamma[channel] * inverse[channel]
        shift[channel] = beta[channel] - mean[channel] * scale[channel]
        // The running variance is the unbiased one, as in PyTorch.
        let unbiased = variance[channel] * rows / max(1, rows - 1)
        runningMean[channel] += momentum * (mean[channel] - runningMean[channel])
        runningVariance[channel] += momentum * (unbiased - runningVariance[channel])
      }
      htr_norm_pool_forward(
        type, &pool, convolved.address, scale, shift, output.address, winners)
      return output
    }

    /// - Parameter dy: the gradient at the output.
    /// - Returns: the gradient at the input; nil for a first unit.
    /// Replaces the unit's gradients in the replica's array.
    @discardableResult
    public func backward(_ dy: Tensor) throws(KernelFault) -> Tensor? {
      guard let x = input, use == .training else { preconditionFailure("backward without a forward pass") }
      let type = backend.elementType.kernelType
      var pool = self.pool
      let (dgamma, dbeta) = (memory.gradients[unit.gamma], memory.gradients[unit.beta])
      htr_norm_pool_gradient_sums(
        type, &pool, convolved.address, output.address, dy.address, winners, mean, inverse,
        dbeta, dgamma)
      htr_norm_pool_backward(
        type, &pool, convolved.address, output.address, dy.address, winners, mean, inverse,
        memory.weights[unit.gamma], dbeta, dgamma)
      let dw = memory.gradients[unit.weight]
      if isFirst {
        htr_first_convolution_gradient(
          type, pool.batch, pool.height, pool.width, pool.channels, x.floats, convolved.address, &firstWeights)
        for channel in 0..<unit.outputChannels {
          for tap in 0..<9 { dw[channel * 9 + tap] = firstWeights[tap * unit.outputChannels + channel] }
        }
        return nil
      }
      guard let kernel = kernels[x.shape]?.kernel, let dx = inputGradient else { preconditionFailure() }
      kernel.backwardWeights(x.address, convolved.address, dw)
      dx.reshape(x.shape)
      kernel.backwardData(convolved.address, dx.address)
      return dx
    }
  }
}
