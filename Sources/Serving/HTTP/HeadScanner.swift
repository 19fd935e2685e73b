import Glibc
import NIOCore

/// Finds the end of a head in bytes that arrive in any pieces, looking at each byte once.
///
/// Strict, because a proxy that forgives can be made to see other requests than the server behind it: lines end in CR LF
/// and nothing else.
struct HeadScanner {
  static let largestHead = 64 << 10
  static let largestLine = 16 << 10
  static let mostLines = 101

  /// Where each line of the head ends: the offset of its CR, counted from the first byte.
  private(set) var lineEnds: [Int] = []
  private var scanned = 0
  private var lineStart = 0

  init() { lineEnds.reserveCapacity(32) }

  mutating func reset() {
    lineEnds.removeAll(keepingCapacity: true)
    scanned = 0
    lineStart = 0
  }

  /// The length of the head with its empty line; nil when it is not complete yet.
  mutating func scan(_ buffer: ByteBuffer) throws(HeadFault) -> Int? {
    try buffer.withReadable { bytes throws(HeadFault) in try scan(bytes) }
  }

  private mutating func scan(_ bytes: UnsafeRawBufferPointer) throws(HeadFault) -> Int? {
    guard let base = bytes.baseAddress else { return nil }
    while scanned < bytes.count, let found = memchr(base + scanned, 0x0A, bytes.count - scanned) {
      let feed = UnsafeRawPointer(found) - base
      guard feed < Self.largestHead else { break }
      guard feed > lineStart, bytes[feed - 1] == 0x0D else {
        throw HeadFault("A line of the head does not end in CR LF.")
      }
      let end = feed - 1
      scanned = feed + 1
      if end == lineStart { return scanned }
      guard end - lineStart <= Self.largestLine else { throw Self.tooLarge }
      guard lineEnds.count < Self.mostLines else { throw Self.tooLarge }
      lineEnds.append(end)
      lineStart = scanned
    }
    scanned = bytes.count
    guard bytes.count < Self.largestHead, bytes.count - lineStart <= Self.largestLine + 1 else { throw Self.tooLarge }
    return nil
  }

  private static var tooLarge: HeadFault {
    HeadFault(
      "The head is larger than \(largestHead) bytes, \(mostLines - 1) fields or \(largestLine) bytes in a field.",
      status: 431)
  }
}

extension ByteBuffer {
  /// The readable bytes, for a body that throws an error of one type.
  func withReadable<Answer, Failure: Error>(
    _ body: (UnsafeRawBufferPointer) throws(Failure) -> Answer
  ) throws(Failure) -> Answer {
    let result = withUnsafeReadableBytes { bytes in
      do throws(Failure) { return Result<Answer, Failure>.success(try body(bytes)) } catch { return .failure(error) }
    }
    return try result.get()
  }
}
