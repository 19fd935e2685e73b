public import CKernels

/// A convolution: sizes in pixels and channels.
public struct ConvolutionShape: Sendable, Hashable {
  public var input: Shape
  public var outputChannels: Int
  /// Height and width of the window.
  public var kernel: Int
  public var stride: Int
  public var padding: Int

  public init(input: Shape, outputChannels: Int, kernel: Int = 3, stride: Int = 1, padding: Int = 1) {
    self.input = input
    self.outputChannels = outputChannels
    self.kernel = kernel
    self.stride = stride
    self.padding = padding
  }

  public var output: Shape {
    Shape(
      batch: input.batch, height: (input.height + 2 * padding - kernel) / stride + 1,
      width: (input.width + 2 * padding - kernel) / stride + 1, channels: outputChannels)
  }

  /// Weights are [output channels, input channels, kernel, kernel].
  public var weightCount: Int { outputChannels * input.channels * kernel * kernel }

  /// The same, for the C kernels.
  public var kernelShape: htr_convolution_shape {
    htr_convolution_shape(
      batch: Int32(input.batch), height: Int32(input.height), width: Int32(input.width),
      input_channels: Int32(input.channels), output_channels: Int32(outputChannels), kernel_height: Int32(kernel),
      kernel_width: Int32(kernel), stride: Int32(stride), padding: Int32(padding))
  }
}

/// What a convolution will be used for.
public enum ConvolutionUse: Sendable, Hashable {
  /// Forward adds a bias and clips at zero.
  case inference
  /// Plain forward; gradients at the weights and, if wanted, at the input.
  case training(dataGradient: Bool)
}

/// C (m x n, float32) = A (m x k) B (k x n), or C += A B. Strides count numbers, of A and B as they are used here:
/// exchanging a row and a column stride transposes.
public struct ProductShape: Sendable, Hashable {
  public var m, n, k: Int
  public var aRow, aColumn, bRow, bColumn, cRow: Int
  public var accumulates: Bool
  /// Whether B is float32 and packed once for many runs; else A and B have the backend's element type.
  public var packsB: Bool
  /// Whether a packed B may be shared with other products of the backend that pack the same numbers: for weights that do
  /// not change.
  public var sharesB: Bool

  public init(
    m: Int, n: Int, k: Int, aRow: Int, aColumn: Int = 1, bRow: Int, bColumn: Int = 1, cRow: Int,
    accumulates: Bool = false, packsB: Bool = false, sharesB: Bool = false
  ) {
    (self.m, self.n, self.k) = (m, n, k)
    (self.aRow, self.aColumn, self.bRow, self.bColumn, self.cRow) = (aRow, aColumn, bRow, bColumn, cRow)
    self.accumulates = accumulates
    self.packsB = packsB
    self.sharesB = sharesB
  }
}

/// One convolution of one shape. Activations have the backend's element type, weights and their gradients are float32.
public protocol ConvolutionKernel: AnyObject {
  /// Takes the weights over; needed after each change of them.
  func pack(_ weights: UnsafePointer<Float>)
  func forward(_ x: UnsafeRawPointer, bias: UnsafePointer<Float>?, _ y: UnsafeMutableRawPointer)
  func backwardData(_ dy: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer)
  /// Replaces `dw`.
  func backwardWeights(_ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, _ dw: UnsafeMutablePointer<Float>)
}

/// One matrix product of one shape.
public protocol ProductKernel: AnyObject {
  /// Takes B over, where the shape says that it is packed.
  func pack(_ b: UnsafePointer<Float>)
  /// - Parameter b: not looked at when B is packed.
  func run(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer?, _ c: UnsafeMutablePointer<Float>)
}

/// Who computes convolutions and matrix products. An instance, and the kernels it makes, belong to one thread at a time.
public protocol KernelBackend: AnyObject {
  /// For people and for provenance: library, version, instruction set.
  var description: String { get }
  /// Of all activations.
  var elementType: ElementType { get }
  func convolution(_ shape: ConvolutionShape, _ use: ConvolutionUse) throws(KernelFault) -> any ConvolutionKernel
  func product(_ shape: ProductShape) throws(KernelFault) -> any ProductKernel
}

/// A kernel that cannot be had: the library is missing or refuses.
public struct KernelFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
  public init(_ description: String) { self.description = description }
}
