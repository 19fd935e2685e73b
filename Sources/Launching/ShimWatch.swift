import Glibc
import HostKit
import WorkerContract

/// A living shim whose end is being waited for.
struct ShimWatch: Sendable {
  let folder: AttemptFolder
  let handle: ProcessHandle
  let pipe: HeldPipe?
  let onGone: @Sendable () -> Void
  let readiness: Readiness
}

/// The reading end of an attempt's output pipe, held so that what waits there outlives a killed shim.
final class HeldPipe: Sendable {
  private let descriptor: Descriptor

  /// Opens the pipe, making it when `create` says so; nil when there is none.
  init?(_ folder: AttemptFolder, create: Bool) throws(SystemError) {
    if create, mkfifo(folder.output, 0o600) != 0, errno != EEXIST {
      throw SystemError("make the pipe", folder.output)
    }
    guard Files.exists(folder.output) else { return nil }
    descriptor = try Descriptor.open(folder.output, O_RDONLY | O_NONBLOCK)
  }
}
