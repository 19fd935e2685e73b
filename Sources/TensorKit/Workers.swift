import CKernels
import Dispatch

/// Runs the body once for each number below `count`, side by side on as many threads, and waits for all.
///
/// Meanwhile subnormal numbers are taken for zero on these threads: they slow a processor down a hundredfold and mean
/// nothing in a network. Afterwards the threads are as they were, for they are the process's and not ours.
public func runSideBySide(_ count: Int, _ body: @Sendable (Int) -> Void) {
  DispatchQueue.concurrentPerform(iterations: count) { number in
    let mode = htr_flush_subnormals()
    defer { htr_restore_mode(mode) }
    body(number)
  }
}
