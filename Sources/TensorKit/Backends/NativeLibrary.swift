import CKernels
import Glibc
import Synchronization

/// A library that is looked for when it is first wanted, not when the program starts.
enum NativeLibrary {
  case openBLAS, oneDNN

  private static let lock = Mutex(())

  /// Loads the library, once for the process.
  func load() throws(KernelFault) {
    let reason: String? = Self.lock.withLock { _ in
      Self.prepareEnvironment()
      var text = [CChar](repeating: 0, count: 512)
      let status = self == .openBLAS ? htr_openblas_load(&text, text.count) : htr_onednn_load(&text, text.count)
      return status == 0 ? nil : String(decoding: text.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
    }
    guard let reason else { return }
    let package = self == .openBLAS ? "libopenblas0-pthread" : "libdnnl2"
    throw KernelFault("\(reason). Install it with `apt-get install \(package)`, or run ops/install-packages.")
  }

  /// Both libraries read these while they are loaded. What the user has set stays.
  private static func prepareEnvironment() {
    // The replicas of a network are the threads; pools inside the libraries would fight them for the cores.
    setenv("OMP_NUM_THREADS", "1", 0)
    setenv("OPENBLAS_NUM_THREADS", "1", 0)
    if let core = Processor.current.betterOpenBLASCore { setenv("OPENBLAS_CORETYPE", core, 0) }
  }
}
