import Glibc
import HostKit

/// The lines of a file one after the other; never more than one line and one block in memory.
struct LineStream: ~Copyable {
  enum Line: Equatable {
    /// Without its line end.
    case bytes([UInt8])
    /// Longer than the limit; read past, not kept.
    case tooLong
  }

  private let file: Descriptor
  private let path: String
  private let limit: Int
  private var block = [UInt8](repeating: 0, count: 1 << 16)
  private var position = 0
  private var filled = 0

  init(path: String, limit: Int) throws(SystemError) {
    file = try Descriptor.open(path, O_RDONLY)
    self.path = path
    self.limit = limit
  }

  /// The next line, or nil at the end. A file that does not end in a line end has a last line all the same.
  mutating func next() throws(SystemError) -> Line? {
    var line: [UInt8] = []
    var isTooLong = false
    var hasRead = false
    while try fillBlock() {
      hasRead = true
      let end = block[position..<filled].firstIndex(of: UInt8(ascii: "\n"))
      let part = block[position..<(end ?? filled)]
      if isTooLong || line.count + part.count > limit {
        isTooLong = true
        line = []
      } else {
        line.append(contentsOf: part)
      }
      position = end.map { $0 + 1 } ?? filled
      if end != nil { break }
    }
    guard hasRead else { return nil }
    return isTooLong ? .tooLong : .bytes(line)
  }

  /// Reads the next block when this one is used up; false at the end of the file.
  private mutating func fillBlock() throws(SystemError) -> Bool {
    if position < filled { return true }
    position = 0
    filled = 0
    while true {
      let got = read(file.number, &block, block.count)
      if got >= 0 {
        filled = got
        return got > 0
      }
      guard errno == EINTR else { throw SystemError("read", path) }
    }
  }
}
