import Glibc
import HostKit

/// The time index beside a log: entries of 16 bytes (end of a chunk, milliseconds since 1970), little-endian. Both grow.
struct LogIndex: Sendable {
  private static let entrySize = 16

  let path: String

  /// When the byte at this offset was written; nil when the index does not tell (yet).
  func time(ofByte offset: UInt64) -> Timestamp? { cursor(at: offset).time(ofByte: offset) }

  /// Where the first chunk begins that was not written before this time; nil when there is none.
  func firstByte(notBefore milliseconds: Int64) -> UInt64? {
    let entries = Entries(path: path)
    let number = entries.first { $0.time.milliseconds >= milliseconds }
    guard number < entries.count else { return nil }
    return number == 0 ? 0 : entries[number - 1]?.end
  }

  /// The times of the first and the last chunk, in milliseconds since 1970.
  var span: ClosedRange<Int64>? {
    let entries = Entries(path: path)
    guard let first = entries[0]?.time.milliseconds, let last = entries[entries.count - 1]?.time.milliseconds else {
      return nil
    }
    return first...max(first, last)
  }

  /// For the times of many bytes, one behind the other.
  func cursor(at offset: UInt64) -> Cursor { Cursor(Entries(path: path), at: offset) }

  /// Steps through the chunks. Used by one at a time.
  final class Cursor {
    private let entries: Entries
    private var number: Int
    private var entry: Entry?

    fileprivate init(_ entries: Entries, at offset: UInt64) {
      self.entries = entries
      // Chunk ends grow: the first end beyond the offset belongs to the chunk that holds it.
      number = entries.first { $0.end > offset }
      entry = entries[number]
    }

    /// - Parameter offset: not before that of the last call.
    func time(ofByte offset: UInt64) -> Timestamp? {
      while let entry, entry.end <= offset {
        number += 1
        self.entry = entries[number]
      }
      return entry?.time
    }
  }

  fileprivate struct Entry {
    let end: UInt64
    let time: Timestamp
  }

  /// The file; one that is not there has no entries.
  fileprivate final class Entries {
    private let file: Int32?
    let count: Int

    init(path: String) {
      // Absent, unreadable and empty are the same here: no time is known.
      file = (try? Descriptor.open(path, O_RDONLY))?.release()
      count = max(0, Int(lseek(file ?? -1, 0, SEEK_END)) / LogIndex.entrySize)
    }

    deinit {
      if let file { close(file) }
    }

    subscript(number: Int) -> Entry? {
      guard number >= 0, number < count, let file else { return nil }
      var bytes: (UInt64, UInt64) = (0, 0)
      let got = withUnsafeMutableBytes(of: &bytes) {
        pread(file, $0.baseAddress, LogIndex.entrySize, off_t(number * LogIndex.entrySize))
      }
      guard got == LogIndex.entrySize else { return nil }
      return Entry(
        end: UInt64(littleEndian: bytes.0),
        time: Timestamp(milliseconds: Int64(truncatingIfNeeded: UInt64(littleEndian: bytes.1))))
    }

    /// The number of the first entry for which a condition holds that holds for all that follow; `count` when for none.
    func first(where holds: (Entry) -> Bool) -> Int {
      var (low, high) = (0, count)
      while low < high {
        let middle = (low + high) / 2
        guard let entry = self[middle] else { return count }
        if holds(entry) { high = middle } else { low = middle + 1 }
      }
      return low
    }
  }
}
