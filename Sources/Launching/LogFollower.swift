import Glibc
public import HostKit
import Synchronization

/// Follows growing files without polling.
public final class LogWatch: Sendable {
  private let files: FileWatch

  public init() throws(SystemError) { files = try FileWatch() }

  /// The bytes of a file from an offset on, those that are there and those that come. The file need not exist yet; its
  /// folder must. A file is only ever appended to.
  public func follow(path: String, from offset: UInt64) -> LogFollower {
    LogFollower(path: path, offset: offset, files: files)
  }
}

/// A file's bytes as chunks of at most 256 KiB, each read only when it is asked for. Ends at the end of the file once
/// `end` was called, or when the task is cancelled; for one reader.
public final class LogFollower: AsyncSequence, Sendable {
  public typealias Element = [UInt8]

  private let path: String
  private let offset: UInt64
  private let files: FileWatch
  private let wake = Wake()

  init(path: String, offset: UInt64, files: FileWatch) {
    self.path = path
    self.offset = offset
    self.files = files
  }

  /// Says that nothing is appended any more: what is there by now is still delivered.
  public func end() { wake.end() }

  public func makeAsyncIterator() -> Iterator {
    Iterator(path: path, offset: offset, files: files, wake: wake)
  }

  public final class Iterator: AsyncIteratorProtocol {
    private static let chunk = 256 << 10

    private let path: String
    private let files: FileWatch
    private let wake: Wake
    private var offset: UInt64
    private var file: Int32 = -1
    private var watch: Int32?

    init(path: String, offset: UInt64, files: FileWatch, wake: Wake) {
      self.path = path
      self.offset = offset
      self.files = files
      self.wake = wake
    }

    deinit {
      if let watch { files.stop(watch, wake) }
      if file >= 0 { close(file) }
    }

    /// The next bytes, waiting for them if need be; nil at the end.
    public func next() async throws(SystemError) -> [UInt8]? {
      while !Task.isCancelled {
        // Asked before the read: what was written before the end was called is read.
        let isLast = wake.isEnded
        if file < 0 { try open() }
        if file >= 0 {
          let bytes = try read()
          if !bytes.isEmpty { return bytes }
        }
        if isLast { return nil }
        await wake.wait()
      }
      return nil
    }

    /// Opens the file if it exists and watches it, else its folder. The watch comes before the look, so that no change
    /// falls between.
    private func open() throws(SystemError) {
      if watch == nil, !Files.exists(path) {
        watch = try files.start(Files.parent(of: path), isFolder: true, wake)
      }
      let descriptor = Glibc.open(path, O_RDONLY | O_CLOEXEC)
      guard descriptor >= 0 else {
        if errno == ENOENT { return }
        throw SystemError("open", path)
      }
      file = descriptor
      if let watch { files.stop(watch, wake) }
      watch = nil
      watch = try files.start(path, isFolder: false, wake)
    }

    private func read() throws(SystemError) -> [UInt8] {
      var code: Int32 = 0
      let bytes = [UInt8](unsafeUninitializedCapacity: Self.chunk) { buffer, count in
        var got: Int
        repeat {
          got = pread(file, buffer.baseAddress, buffer.count, off_t(clamping: offset))
        } while got < 0 && errno == EINTR
        code = got < 0 ? errno : 0
        count = got < 0 ? 0 : got
      }
      guard code == 0 else { throw SystemError("read", path, code: code) }
      offset += UInt64(bytes.count)
      return bytes
    }
  }
}
