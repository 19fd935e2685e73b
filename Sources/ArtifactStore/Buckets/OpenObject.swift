import Glibc
import HostKit

/// An object that is being read: the bytes that were there when it was opened, whatever happens to its name.
public final class OpenObject: Sendable {
  public let object: StoredObject
  let path: String
  /// For calls that copy inside the kernel. Good as long as this object is.
  let number: Int32

  /// Nil when there is no file but something else.
  init?(_ key: String, path: String) throws(SystemError) {
    let opened = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
    var status = stat()
    guard fstat(opened.number, &status) == 0 else { throw SystemError("look at", path) }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    let attributes = try ObjectAttributes.read(of: opened, path: path, status)
    object = StoredObject(key: key, status: status, attributes: attributes)
    self.path = path
    number = opened.release()
  }

  deinit { close(number) }

  /// Reads into a buffer from an offset; returns how many bytes there were, 0 at the end.
  public func read(at offset: Int64, into buffer: UnsafeMutableRawBufferPointer) throws(StoreError) -> Int {
    while true {
      let got = pread(number, buffer.baseAddress, buffer.count, off_t(offset))
      if got >= 0 { return got }
      guard errno == EINTR else { throw StoreError(SystemError("read", path)) }
    }
  }

  /// All of it, in memory.
  public func bytes() throws(StoreError) -> [UInt8] {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(Int(object.size))
    try forEachPiece(of: 0..<object.size) { (piece) throws(StoreError) in bytes.append(contentsOf: piece) }
    return bytes
  }

  /// Hands over a range piece by piece; fails when the file ends before it does.
  func forEachPiece(
    of range: Range<Int64>, pieceBytes: Int = 1 << 20, _ body: (UnsafeRawBufferPointer) throws(StoreError) -> Void
  ) throws(StoreError) {
    let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: pieceBytes, alignment: 4096)
    defer { buffer.deallocate() }
    var offset = range.lowerBound
    while offset < range.upperBound {
      let wanted = Int(min(Int64(pieceBytes), range.upperBound - offset))
      let got = try read(at: offset, into: UnsafeMutableRawBufferPointer(rebasing: buffer[..<wanted]))
      guard got > 0 else { throw StoreError(.unreadableInput, "\(path) was cut while it was copied") }
      try body(UnsafeRawBufferPointer(rebasing: buffer[..<got]))
      offset += Int64(got)
    }
  }
}
