import Glibc
import HostKit

/// The time index beside a job's log: entries of 16 bytes (end of a chunk, milliseconds since 1970), little-endian.
struct LogIndex: Sendable {
  private static let entrySize = 16

  let path: String

  /// When the byte at this offset was written; nil when the index does not tell (yet).
  func time(ofByte offset: UInt64) -> Timestamp? {
    guard let file = try? Descriptor.open(path, O_RDONLY) else { return nil }
    let count = Int(lseek(file.number, 0, SEEK_END)) / Self.entrySize
    // Chunk ends grow: the first end beyond the offset belongs to the chunk that holds it.
    var (low, high) = (0, count)
    while low < high {
      let middle = (low + high) / 2
      guard let entry = entry(middle, in: file) else { return nil }
      if entry.end <= offset { low = middle + 1 } else { high = middle }
    }
    guard low < count else { return nil }
    return entry(low, in: file)?.time
  }

  private func entry(_ number: Int, in file: borrowing Descriptor) -> (end: UInt64, time: Timestamp)? {
    var bytes: (UInt64, UInt64) = (0, 0)
    let got = withUnsafeMutableBytes(of: &bytes) {
      pread(file.number, $0.baseAddress, Self.entrySize, off_t(number * Self.entrySize))
    }
    guard got == Self.entrySize else { return nil }
    return (
      UInt64(littleEndian: bytes.0),
      Timestamp(milliseconds: Int64(truncatingIfNeeded: UInt64(littleEndian: bytes.1)))
    )
  }
}
