import Glibc
import HostKit
import Logging

/// Keeps the daemon's own log from filling the disk: when it is long it becomes `htrd.log.1`, in the place of an older one.
///
/// Nothing is lost between: the file is renamed, and standard output and error go on into a new one.
struct LogRotation: Sendable {
  static let longest: Int64 = 16 << 20
  private static let pause: Duration = .seconds(600)

  /// Only a log that standard error writes to is touched; that of a service manager has other ways.
  let path: String
  let logger: Logger
  /// Standard error and output.
  var error = STDERR_FILENO
  var output = STDOUT_FILENO

  func run() async {
    while !Task.isCancelled {
      do { try rotate(longest: Self.longest) } catch {
        logger.warning("cannot turn the log over", metadata: ["error": "\(error)"])
      }
      // Cancelled: the daemon ends.
      do { try await Task.sleep(for: Self.pause) } catch { return }
    }
  }

  /// True when there is a new log.
  @discardableResult
  func rotate(longest: Int64) throws(SystemError) -> Bool {
    var (written, named) = (stat(), stat())
    guard fstat(error, &written) == 0, lstat(path, &named) == 0, written.st_ino == named.st_ino,
      written.st_dev == named.st_dev, Int64(written.st_size) > longest
    else { return false }
    try Files.rename(path, to: "\(path).1", durable: false)
    let fresh = try Descriptor.open(path, O_WRONLY | O_CREAT | O_APPEND, mode: 0o600)
    guard dup2(fresh.number, error) >= 0 else { throw SystemError("write to", path) }
    var other = stat()
    if fstat(output, &other) == 0, other.st_ino == written.st_ino, other.st_dev == written.st_dev {
      dup2(fresh.number, output)
    }
    return true
  }
}
