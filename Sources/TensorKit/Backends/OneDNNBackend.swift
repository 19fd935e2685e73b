import CKernels

/// Convolutions and products by oneDNN: code made for each shape at run time, bf16 where the processor multiplies it.
public final class OneDNNBackend: KernelBackend {
  public let description: String
  public let elementType: ElementType
  private let engine: OneDNNEngine

  /// - Parameter elementType: nil: bfloat16 where the processor has products of it.
  /// - Throws: when the library is not there, or the element type is not to be had.
  public init(_ elementType: ElementType? = nil) throws(KernelFault) {
    try NativeLibrary.oneDNN.load()
    let hasBFloat16 = htr_onednn_has_bfloat16() != 0
    if elementType == .bfloat16, !hasBFloat16 {
      throw KernelFault("bfloat16 was asked for, but this processor has no products of it: use float32.")
    }
    self.elementType = elementType ?? (hasBFloat16 ? .bfloat16 : .float32)
    engine = try OneDNNEngine()
    description = "oneDNN \(String(cString: htr_onednn_version())), \(self.elementType.rawValue)"
  }

  public func convolution(
    _ shape: ConvolutionShape, _ use: ConvolutionUse
  ) throws(KernelFault) -> any ConvolutionKernel {
    try OneDNNConvolution(engine, elementType, shape, use)
  }

  public func product(_ shape: ProductShape) throws(KernelFault) -> any ProductKernel {
    try OneDNNProduct(engine, elementType, shape)
  }
}

/// Outlives the kernels that were made with it.
private final class OneDNNEngine {
  let pointer: OpaquePointer

  init() throws(KernelFault) {
    guard let engine = htr_onednn_engine_create() else { throw KernelFault("oneDNN cannot use this processor.") }
    pointer = engine
  }

  deinit { htr_onednn_engine_destroy(pointer) }
}

/// The one way in which a planned primitive fails.
private func check(_ status: Int32) {
  precondition(status == 0, "oneDNN could not run a primitive that it had planned: is the memory full?")
}

private final class OneDNNConvolution: ConvolutionKernel {
  private let engine: OneDNNEngine
  private let pointer: OpaquePointer

  init(
    _ engine: OneDNNEngine, _ type: ElementType, _ shape: ConvolutionShape, _ use: ConvolutionUse
  ) throws(KernelFault) {
    var kernelShape = shape.kernelShape
    var purpose = htr_convolution_use()
    switch use {
    case .inference: purpose.bias_relu = 1
    case .training(let dataGradient):
      purpose.training = 1
      purpose.data_gradient = dataGradient ? 1 : 0
    }
    guard let made = htr_onednn_convolution_create(engine.pointer, type.kernelType, &kernelShape, &purpose) else {
      throw KernelFault("oneDNN has no convolution for \(shape) in \(type.rawValue).")
    }
    self.engine = engine
    pointer = made
  }

  deinit { htr_onednn_convolution_destroy(pointer) }

  func pack(_ weights: UnsafePointer<Float>) { check(htr_onednn_convolution_pack(pointer, weights)) }

  func forward(_ x: UnsafeRawPointer, bias: UnsafePointer<Float>?, _ y: UnsafeMutableRawPointer) {
    check(htr_onednn_convolution_forward(pointer, x, bias, y))
  }

  func backwardData(_ dy: UnsafeRawPointer, _ dx: UnsafeMutableRawPointer) {
    check(htr_onednn_convolution_backward_data(pointer, dy, dx))
  }

  func backwardWeights(_ x: UnsafeRawPointer, _ dy: UnsafeRawPointer, _ dw: UnsafeMutablePointer<Float>) {
    check(htr_onednn_convolution_backward_weights(pointer, x, dy, dw))
  }
}

private final class OneDNNProduct: ProductKernel {
  private let engine: OneDNNEngine
  private let pointer: OpaquePointer

  init(_ engine: OneDNNEngine, _ type: ElementType, _ shape: ProductShape) throws(KernelFault) {
    var kernelShape = htr_product_shape(
      m: Int64(shape.m), n: Int64(shape.n), k: Int64(shape.k), a_row: Int64(shape.aRow),
      a_column: Int64(shape.aColumn), b_row: Int64(shape.bRow), b_column: Int64(shape.bColumn),
      c_row: Int64(shape.cRow), accumulate: shape.accumulates ? 1 : 0, packed_b: shape.packsB ? 1 : 0,
      share_b: shape.sharesB ? 1 : 0)
    guard let made = htr_onednn_product_create(engine.pointer, type.kernelType, &kernelShape) else {
      throw KernelFault("oneDNN has no product for \(shape) in \(type.rawValue).")
    }
    self.engine = engine
    pointer = made
  }

  deinit { htr_onednn_product_destroy(pointer) }

  func pack(_ b: UnsafePointer<Float>) { check(htr_onednn_product_pack(pointer, b)) }

  func run(_ a: UnsafeRawPointer, _ b: UnsafeRawPointer?, _ c: UnsafeMutablePointer<Float>) {
    check(htr_onednn_product_run(pointer, a, b ?? a, c))
  }
}
