/// Which kernels to use; `automatic` is the fastest that this machine has.
public enum BackendChoice: String, Sendable, CaseIterable {
  case automatic
  /// oneDNN, bfloat16 where the processor multiplies it.
  case oneDNN = "onednn"
  case oneDNNFloat32 = "onednn-float32"
  case openBLAS = "openblas"
  /// Plain Swift: for checking, not for use.
  case reference

  /// A backend for one thread.
  ///
  /// - Throws: when the library is missing; the message names every one that was tried and what to install.
  public func make() throws(KernelFault) -> any KernelBackend {
    switch self {
    case .oneDNN: return try OneDNNBackend()
    case .oneDNNFloat32: return try OneDNNBackend(.float32)
    case .openBLAS: return try OpenBLASBackend()
    case .reference: return ReferenceBackend()
    case .automatic:
      let reason: String
      do throws(KernelFault) { return try OneDNNBackend() } catch { reason = error.description }
      do throws(KernelFault) { return try OpenBLASBackend() } catch {
        throw KernelFault("There are no kernels to compute with. oneDNN: \(reason) OpenBLAS: \(error)")
      }
    }
  }
}
