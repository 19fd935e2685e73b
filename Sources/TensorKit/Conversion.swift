import CKernels

/// Copies numbers from one element type to another (rounding to nearest).
func convert(
  from: UnsafeRawPointer, _ fromType: ElementType, to: UnsafeMutableRawPointer, _ toType: ElementType, _ count: Int
) {
  htr_convert(fromType.kernelType, toType.kernelType, Int64(count), from, to)
}
