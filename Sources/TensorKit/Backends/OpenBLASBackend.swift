import CKernels

/// Products by OpenBLAS, convolutions as products over windows (im2col), in float32. It runs wherever Debian runs.
public final class OpenBLASBackend: KernelBackend {
  public let description: String
  public let elementType = ElementType.float32

  /// - Throws: when the library is not there; the message says what to install.
  public init() throws(KernelFault) {
    try NativeLibrary.openBLAS.load()
    description = "OpenBLAS (\(String(cString: htr_openblas_core()))), float32"
  }

  public func convolution(
    _ shape: ConvolutionShape, _ use: ConvolutionUse
  ) throws(KernelFault) -> any ConvolutionKernel {
    BLASConvolution(shape, use)
  }

  public func product(_ shape: ProductShape) throws(KernelFault) -> any ProductKernel { BLASProduct(shape) }
}

private final class BLASProduct: ProductKernel {
  private let shape: ProductShape
  private var packed: UnsafePointer<Float>?

  init(_ shape: ProductShape) { self.shape = shape }

  /// The library packs for itself within each product: it is enough to know where B is.
  func pack(_ b: UnsafePointer<Float>) { packed = b }

  func run(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer?, _ c: UnsafeMutablePointer<Float>) {
    guard let b = shape.packsB ? packed : b?.assumingMemoryBound(to: Float.self) else {
      preconditionFailure("a product without its second factor")
    }
    let isATransposed = shape.aColumn != 1
    let isBTransposed = shape.bColumn != 1
    htr_openblas_sgemm(
      isATransposed ? 1 : 0, isBTransposed ? 1 : 0, Int32(shape.m), Int32(shape.n), Int32(shape.k),
      a.assumingMemoryBound(to: Float.self), Int32(isATransposed ? shape.aColumn : shape.aRow), b,
      Int32(isBTransposed ? shape.bColumn : shape.bRow), shape.accumulates ? 1 : 0, c, Int32(shape.cRow))
  }
}

/// Image by image, so that the windows of one stay in the cache.
private final class BLASConvolution: ConvolutionKernel {
  private let shape: ConvolutionShape
  private var kernelShape: htr_convolution_shape
  private let clipsAtZero: Bool
  /// [output channels][ky][kx][input channels]: the order in which windows stand in memory.
  private let weights: Tensor
  private let gradient: Tensor
  private let columns: Tensor

  init(_ shape: ConvolutionShape, _ use: ConvolutionUse) {
    self.shape = shape
    kernelShape = shape.kernelShape
    clipsAtZero = use == .inference
    let window = shape.kernel * shape.kernel * shape.input.channels
    let flat = Shape(batch: 1, height: 1, width: shape.outputChannels, channels: window)
    weights = Tensor(flat)
    gradient = Tensor(use == .inference ? Shape(batch: 0, height: 0, width: 0, channels: 0) : flat)
    columns = Tensor(
      Shape(batch: 1, height: shape.output.height, width: shape.output.width, channels: window))
  }

  private var window: Int { columns.shape.channels }
  private var pixels: Int { columns.shape.rows }

  /// Walks both orders of the weights: as networks keep them, and as windows stand.
  private func forEachWeight(_ body: (_ kept: Int, _ window: Int) -> Void) {
    let (inputs, taps) = (shape.input.channels, shape.kernel * shape.kernel)
    for output in 0..<shape.outputChannels {
      for tap in 0..<taps {
        for input in 0..<inputs {
          body((output * inputs + input) * taps + tap, (output * taps + tap) * inputs + input)
        }
      }
    }
  }

  func pack(_ from: UnsafePointer<Float>) {
    let to = weights.floats
    forEachWeight { to[$1] = from[$0] }
  }

  func forward(_ x: UnsafeRawPointer, bias: UnsafePointer<Float>?, _ y: UnsafeMutableRawPointer) {
    let x = x.assumingMemoryBound(to: Float.self)
    let y = y.assumingMemoryBound(to: Float.self)
    for image in 0..<shape.input.batch {
      htr_im2col(&kernelShape, x + image * (shape.input.count / shape.input.batch), columns.floats)
      htr_openblas_sgemm(
        0, 1, Int32(pixels), Int32(shape.outputChannels), Int32(window), columns.floats, Int32(window),
        weights.floats, Int32(window), 0, y + image * pixels * shape.outputChannels, Int32(shape.outputChannels))
    }
    if let bias {
      htr_add_bias(
        HTR_FLOAT32, Int64(shape.output.rows), Int32(shape.outputChannels), bias, clipsAtZero ? 1 : 0, y)
    }
  }

  func backwardData(_ dy: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer) {
    let dy = dy.assumingMemoryBound(to: Float.self)
    let dx = dx.assumingMemoryBound(to: Float.self)
    for image in 0..<shape.input.batch {
      htr_openblas_sgemm(
        0, 0, Int32(pixels), Int32(window), Int32(shape.outputChannels),
        dy + image * pixels * shape.outputChannels, Int32(shape.outputChannels), weights.floats, Int32(window), 0,
        columns.floats, Int32(window))
      htr_col2im(&kernelShape, columns.floats, dx + image * (shape.input.count / shape.input.batch))
    }
  }

  func backwardWeights(_ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, _ dw: UnsafeMutablePointer<Float>) {
    let x = x.assumingMemoryBound(to: Float.self)
    let dy = dy.assumingMemoryBound(to: Float.self)
    for image in 0..<shape.input.batch {
      htr_im2col(&kernelShape, x + image * (shape.input.count / shape.input.batch), columns.floats)
      htr_openblas_sgemm(
        1, 0, Int32(shape.outputChannels), Int32(window), Int32(pixels),
        dy + image * pixels * shape.outputChannels, Int32(shape.outputChannels), columns.floats, Int32(window),
        image == 0 ? 0 : 1, gradient.floats, Int32(window))
    }
    let from = gradient.floats
    forEachWeight { dw[$0] = from[$1] }
  }
}
