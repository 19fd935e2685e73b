import Glibc

/// What Ctrl-C does while a job is being watched: say how to come back, and leave the job alone.
enum Interrupt {
  /// Read by the signal handler only; set before the handler is installed, never changed after.
  nonisolated(unsafe) private static var farewell = UnsafeMutableBufferPointer<UInt8>(start: nil, count: 0)

  /// From now on Ctrl-C prints `message` to standard error and ends the program with status 130.
  static func end(with message: String) {
    guard farewell.count == 0 else { return }
    let bytes = Array(message.utf8)
    let copy = UnsafeMutableBufferPointer<UInt8>.allocate(capacity: bytes.count)
    _ = copy.initialize(from: bytes)
    farewell = copy
    // Only calls that are safe inside a signal handler: the program holds nothing that would need tidying.
    signal(SIGINT) { _ in
      _ = write(STDERR_FILENO, Interrupt.farewell.baseAddress, Interrupt.farewell.count)
      _exit(130)
    }
  }
}
