/// Convolutions and products as the textbook has them, in plain Swift and float32: slow, and what the others are
/// measured against.
public final class ReferenceBackend: KernelBackend {
  public init() {}

  public let description = "plain Swift, float32"
  public let elementType = ElementType.float32

  public func convolution(
    _ shape: ConvolutionShape, _ use: ConvolutionUse
  ) throws(KernelFault) -> any ConvolutionKernel {
    ReferenceConvolution(shape, use)
  }

  public func product(_ shape: ProductShape) throws(KernelFault) -> any ProductKernel { ReferenceProduct(shape) }
}

private final class ReferenceProduct: ProductKernel {
  private let shape: ProductShape
  private var packed: [Float] = []

  init(_ shape: ProductShape) { self.shape = shape }

  func pack(_ b: UnsafePointer<Float>) {
    packed = []
    for row in 0..<shape.k {
      for column in 0..<shape.n { packed.append(b[row * shape.bRow + column * shape.bColumn]) }
    }
  }

  func run(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer?, _ c: UnsafeMutablePointer<Float>) {
    let a = a.assumingMemoryBound(to: Float.self)
    let b = b?.assumingMemoryBound(to: Float.self)
    for row in 0..<shape.m {
      for column in 0..<shape.n {
        var sum: Float = shape.accumulates ? c[row * shape.cRow + column] : 0
        for inner in 0..<shape.k {
          let left = a[row * shape.aRow + inner * shape.aColumn]
          if shape.packsB {
            sum += left * packed[inner * shape.n + column]
          } else if let b {
            sum += left * b[inner * shape.bRow + column * shape.bColumn]
          }
        }
        c[row * shape.cRow + column] = sum
      }
    }
  }
}

private final class ReferenceConvolution: ConvolutionKernel {
  private let shape: ConvolutionShape
  private let clipsAtZero: Bool
  private var weights: [Float] = []

  init(_ shape: ConvolutionShape, _ use: ConvolutionUse) {
    self.shape = shape
    clipsAtZero = use == .inference
  }

  func pack(_ weights: UnsafePointer<Float>) {
    self.weights = [Float](UnsafeBufferPointer(start: weights, count: shape.weightCount))
  }

  /// Every multiplication that the convolution is made of: places in the output, the input and the weights.
  private func forEachTap(_ body: (_ output: Int, _ input: Int, _ weight: Int) -> Void) {
    let (input, output, kernel) = (shape.input, shape.output, shape.kernel)
    for n in 0..<output.batch {
      for y in 0..<output.height {
        for x in 0..<output.width {
          for ky in 0..<kernel {
            for kx in 0..<kernel {
              let fromY = y * shape.stride + ky - shape.padding
              let fromX = x * shape.stride + kx - shape.padding
              guard (0..<input.height).contains(fromY), (0..<input.width).contains(fromX) else { continue }
              let inputRow = ((n * input.height + fromY) * input.width + fromX) * input.channels
              let outputRow = ((n * output.height + y) * output.width + x) * output.channels
              for o in 0..<output.channels {
                for i in 0..<input.channels {
                  body(outputRow + o, inputRow + i, ((o * input.channels + i) * kernel + ky) * kernel + kx)
                }
              }
            }
          }
        }
      }
    }
  }

  func forward(_ x: UnsafeRawPointer, bias: UnsafePointer<Float>?, _ y: UnsafeMutableRawPointer) {
    let x = x.assumingMemoryBound(to: Float.self)
    let y = y.assumingMemoryBound(to: Float.self)
    for index in 0..<shape.output.count { y[index] = bias?[index % shape.outputChannels] ?? 0 }
    forEachTap { output, input, weight in y[output] += x[input] * weights[weight] }
    if clipsAtZero { for index in 0..<shape.output.count { y[index] = max(0, y[index]) } }
  }

  func backwardData(_ dy: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer) {
    let dy = dy.assumingMemoryBound(to: Float.self)
    let dx = dx.assumingMemoryBound(to: Float.self)
    for index in 0..<shape.input.count { dx[index] = 0 }
    forEachTap { output, input, weight in dx[input] += dy[output] * weights[weight] }
  }

  func backwardWeights(_ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, _ dw: UnsafeMutablePointer<Float>) {
    let x = x.assumingMemoryBound(to: Float.self)
    let dy = dy.assumingMemoryBound(to: Float.self)
    for index in 0..<shape.weightCount { dw[index] = 0 }
    forEachTap { output, input, weight in dw[weight] += x[input] * dy[output] }
  }
}
