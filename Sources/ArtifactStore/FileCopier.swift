import ArchiveKit
import CHost
import Glibc
import HostKit

/// Copies files so that nobody who writes to the copy can reach the original: by shared blocks where the file system
/// can (FICLONE, which copies on write), else byte by byte; never by a link.
struct FileCopier: Sendable {
  /// Makes the second file's blocks those of the first; false where that is impossible.
  let clone: @Sendable (_ source: Int32, _ destination: Int32) -> Bool

  static let system = FileCopier { source, destination in htr_clone_file(destination, source) == 0 }

  private static let pieceBytes = 1 << 20

  /// Copies to a path where nothing may be yet. Only the executable bit of the mode is kept. False when the source
  /// changed meanwhile, so that the copy may be torn; the caller then discards it.
  func copy(
    _ source: String, beneath root: String? = nil, to destination: String, keepsTimes: Bool = false,
    durable: Bool = false, onBytes: (Int64) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) -> Bool {
    let input = try Self.open(source, beneath: root)
    let before = try Self.status(of: input, path: source)
    let mode: UInt32 = before.st_mode & 0o111 != 0 ? 0o755 : 0o644
    let output = try StoreError.wrapping { () throws(SystemError) in
      try Descriptor.open(destination, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
    }
    if clone(input.number, output.number) {
      try onBytes(Int64(before.st_size))
    } else if try !copyBytes(input.number, source, output.number, destination, Int64(before.st_size), onBytes) {
      return false
    }
    let after = try Self.status(of: input, path: source)
    guard Self.isSame(before, after) else { return false }
    try StoreError.wrapping { () throws(SystemError) in
      if keepsTimes {
        let times = [before.st_mtim, before.st_mtim]
        guard futimens(output.number, times) == 0 else { throw SystemError("set the time of", destination) }
      }
      if durable { try output.sync(path: destination) }
    }
    return true
  }

  static func isSame(_ left: stat, _ right: stat) -> Bool {
    left.st_size == right.st_size && left.st_mtim.tv_sec == right.st_mtim.tv_sec
      && left.st_mtim.tv_nsec == right.st_mtim.tv_nsec
  }

  /// Opens a source for reading, a regular file and, where a root is given, one inside it.
  static func open(_ source: String, beneath root: String?) throws(StoreError) -> Descriptor {
    do throws(SystemError) {
      return try FolderTree.open(source, beneath: root ?? "/")
    } catch {
      throw StoreError(.unreadableInput, "\(error)", cause: error)
    }
  }

  static func status(of file: borrowing Descriptor, path: String) throws(StoreError) -> stat {
    var value = stat()
    guard fstat(file.number, &value) == 0 else { throw StoreError(SystemError("look at", path)) }
    return value
  }

  /// False when the source ended before its size.
  private func copyBytes(
    _ input: Int32, _ source: String, _ output: Int32, _ destination: String, _ size: Int64,
    _ onBytes: (Int64) throws(StoreError) -> Void
  ) throws(StoreError) -> Bool {
    var left = size
    var buffer = [UInt8](repeating: 0, count: Int(min(max(size, 1), Int64(Self.pieceBytes))))
    while left > 0 {
      let copied = try transfer(input, source, output, destination, &buffer, left)
      if copied == 0 { return false }
      left -= Int64(copied)
      try onBytes(Int64(copied))
    }
    return true
  }

  /// Moves one piece and returns its size; 0 at the source's end.
  private func transfer(
    _ input: Int32, _ source: String, _ output: Int32, _ destination: String, _ buffer: inout [UInt8], _ left: Int64
  ) throws(StoreError) -> Int {
    var got: Int
    repeat { got = read(input, &buffer, Int(min(left, Int64(buffer.count)))) } while got < 0 && errno == EINTR
    guard got >= 0 else { throw StoreError(SystemError("read", source)) }
    var written = 0
    while written < got {
      let wrote = buffer.withUnsafeBytes { bytes in
        write(output, bytes.baseAddress.map { $0 + written }, got - written)
      }
      if wrote < 0, errno == EINTR { continue }
      guard wrote >= 0 else { throw StoreError(SystemError("write", destination)) }
      written += wrote
    }
    return got
  }
}
