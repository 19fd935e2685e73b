/// The part of an object that a GET asks for: `a-b`, `a-` or the last `-n` bytes.
public enum S3Range: Sendable, Equatable {
  case between(Int64, Int64)
  case from(Int64)
  case last(Int64)

  /// Reads a Range header. Nil for what is no single range of bytes: it counts as not there, and the whole object is the
  /// answer (RFC 9110, 14.2).
  init?(header text: String) {
    guard text.lowercased().hasPrefix("bytes=") else { return nil }
    let bounds = text.dropFirst(6).split(separator: "-", omittingEmptySubsequences: false)
    guard bounds.count == 2 else { return nil }
    switch (Self.number(bounds[0]), Self.number(bounds[1])) {
    case (let first?, let last?) where first <= last: self = .between(first, last)
    case (let first?, nil) where bounds[1].isEmpty: self = .from(first)
    case (nil, let count?) where bounds[0].isEmpty: self = .last(count)
    default: return nil
    }
  }

  /// The bytes of an object of `size` that are meant.
  public func bytes(of size: Int64) throws(S3Error) -> Range<Int64> {
    switch self {
    case .between(let first, let last) where first < size: return first..<min(last, size - 1) + 1
    case .from(let first) where first < size: return first..<size
    case .last(let count) where count > 0 && size > 0: return max(0, size - count)..<size
    default:
      throw S3Error(
        .invalidRange, "The requested range is not satisfiable: the object has \(size) bytes.",
        details: ["ActualObjectSize": "\(size)"])
    }
  }

  private static func number(_ text: Substring) -> Int64? {
    guard (1...18).contains(text.utf8.count), text.utf8.allSatisfy({ (0x30...0x39).contains($0) }) else { return nil }
    return Int64(text)
  }
}
