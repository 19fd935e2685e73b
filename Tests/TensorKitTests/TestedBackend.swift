import TensorKit
import Testing

/// The backends that are compared with each other and with PyTorch.
enum TestedBackend: String, CaseIterable, CustomTestStringConvertible {
  case reference, openBLAS, oneDNNFloat32, oneDNNBFloat16

  static let float32: [TestedBackend] = [.reference, .openBLAS, .oneDNNFloat32]
  /// All that are compared with the reference.
  static let fast: [TestedBackend] = [.openBLAS, .oneDNNFloat32, .oneDNNBFloat16]

  var testDescription: String { rawValue }

  /// Cancels the test where this machine lacks the library or the element type. Single cases of a table are cancelled
  /// in silence: BackendChoiceTests says, once for each backend, that it was not tested and why.
  func make() throws -> any KernelBackend {
    do throws(KernelFault) {
      switch self {
      case .reference: return ReferenceBackend()
      case .openBLAS: return try OpenBLASBackend()
      case .oneDNNFloat32: return try OneDNNBackend(.float32)
      case .oneDNNBFloat16: return try OneDNNBackend(.bfloat16)
      }
    } catch {
      try Test.cancel("skipped, \(rawValue): \(error)")
    }
  }

  /// How far from the reference this backend may be, as a share of the largest number: sums in another order, or inputs
  /// with eight bits of precision.
  var tolerance: Double { self == .oneDNNBFloat16 ? 2e-2 : 1e-4 }
}
