import CHost
import Glibc
import HostKit

/// Copies ranges between files: by shared blocks where the file system can, else inside the kernel, else through a
/// buffer. Memory stays flat whatever the size.
enum RangeCopy {
  private static let pieceBytes = 1 << 20
  /// As much as one call may move: others that are stopped with us need not wait for gigabytes.
  private static let stepBytes: Int64 = 1 << 28

  /// Copies `count` bytes from the start of `source` to `offset` of the file.
  static func copy(
    _ source: OpenObject, count: Int64, to file: borrowing Descriptor, path: String, at offset: Int64
  ) throws(StoreError) {
    var done: Int64 = 0
    while done < count {
      let step = Int(min(stepBytes, count - done))
      let moved = htr_copy_range(source.number, done, file.number, offset + done, step)
      if moved > 0 {
        done += Int64(moved)
        continue
      }
      let reason = errno
      if moved < 0, reason == EINTR { continue }
      // Other file systems, old kernels and some drivers know no such call; or say that the file has no bytes.
      guard moved == 0 || [EXDEV, ENOSYS, EOPNOTSUPP, EINVAL, EPERM, EBADF, ETXTBSY].contains(reason) else {
        throw StoreError(SystemError("copy to", path, code: reason))
      }
      return try copyThroughBuffer(source, range: done..<count, to: file, path: path, at: offset + done)
    }
  }

  static func copyThroughBuffer(
    _ source: OpenObject, range: Range<Int64>, to file: borrowing Descriptor, path: String, at offset: Int64
  ) throws(StoreError) {
    let number = file.number
    var place = offset
    try source.forEachPiece(of: range, pieceBytes: pieceBytes) { (piece) throws(StoreError) in
      var rest = piece
      while !rest.isEmpty {
        let wrote = pwrite(number, rest.baseAddress, rest.count, off_t(place))
        if wrote < 0, errno == EINTR { continue }
        guard wrote > 0 else { throw StoreError(SystemError("write", path)) }
        place += Int64(wrote)
        rest = UnsafeRawBufferPointer(rebasing: rest[wrote...])
      }
    }
  }
}
