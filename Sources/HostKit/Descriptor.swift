import CHost
import Glibc

/// An open file descriptor that is closed when it goes out of scope.
public struct Descriptor: ~Copyable, Sendable {
  public let number: Int32

  public init(owning number: Int32) { self.number = number }

  deinit { close(number) }

  /// Opens with close-on-exec always set.
  public static func open(
    _ path: String, _ flags: Int32, mode: UInt32 = 0o644
  ) throws(SystemError) -> Descriptor {
    let number = htr_open(path, flags | O_CLOEXEC, mode)
    guard number >= 0 else { throw SystemError("open", path) }
    return Descriptor(owning: number)
  }

  /// Gives the number away: the caller closes it.
  public consuming func release() -> Int32 {
    let number = self.number
    discard self
    return number
  }

  /// Reads until the end or until `limit` bytes.
  public func read(limit: Int, path: String) throws(SystemError) -> [UInt8] {
    var bytes: [UInt8] = []
    var buffer = [UInt8](repeating: 0, count: min(max(limit, 1), 1 << 16))
    while bytes.count < limit {
      let got = Glibc.read(number, &buffer, min(buffer.count, limit - bytes.count))
      if got == 0 { break }
      if got < 0 {
        if errno == EINTR { continue }
        throw SystemError("read", path)
      }
      bytes.append(contentsOf: buffer[0..<got])
    }
    return bytes
  }

  public func write(_ bytes: [UInt8], path: String) throws(SystemError) {
    var offset = 0
    while offset < bytes.count {
      let wrote = bytes.withUnsafeBytes {
        Glibc.write(number, $0.baseAddress! + offset, bytes.count - offset)
      }
      if wrote < 0 {
        if errno == EINTR { continue }
        throw SystemError("write", path)
      }
      offset += wrote
    }
  }

  /// Waits until the content is on the disk.
  public func sync(path: String) throws(SystemError) {
    guard fsync(number) == 0 else { throw SystemError("sync", path) }
  }

  /// Takes the file's exclusive lock; false when another process holds it. Freed when this descriptor closes.
  public func lock() throws(SystemError) -> Bool {
    if htr_lock(number, 0) == 0 { return true }
    if errno == EWOULDBLOCK { return false }
    throw SystemError("lock", "descriptor \(number)")
  }
}

/// A file's lock for as long as this object lives.
public final class FileLock: Sendable {
  private let descriptor: Int32

  /// nil when another process holds the lock.
  public init?(_ path: String) throws(SystemError) {
    let file = try Descriptor.open(path, O_RDWR | O_CREAT, mode: 0o600)
    guard try file.lock() else { return nil }
    descriptor = file.release()
  }

  deinit { close(descriptor) }
}
