public import CKernels

/// How a number of an activation is kept.
public enum ElementType: String, Sendable {
  case float32
  /// The upper half of a float32: the same range, eight bits of precision, half the memory.
  case bfloat16

  public var bytes: Int { self == .float32 ? 4 : 2 }

  /// The same, for the C kernels.
  public var kernelType: htr_type { self == .float32 ? HTR_FLOAT32 : HTR_BFLOAT16 }
}
