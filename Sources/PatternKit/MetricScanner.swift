import Glibc

/// A value that a line of a log gave.
public struct MetricMatch: Sendable, Equatable {
  public let name: String
  public let value: Double
  /// Where the line's last byte stands in the log: with the log's time index it tells when the line was written.
  public let byteOffset: Int64

  public init(name: String, value: Double, byteOffset: Int64) {
    self.name = name
    self.value = value
    self.byteOffset = byteOffset
  }
}

/// Finds metrics in a log that comes in pieces.
///
/// Lines end with `\n` or `\r` (progress bars rewrite theirs). Each definition searches each line once; its first group
/// counts when it is a finite decimal number, and is passed over otherwise. Of a line only the first 8 KiB are looked
/// at, so memory stays flat. To resume after a restart, make a scanner that starts at the old one's `consumedBytes`
/// and feed it the log from there: nothing is found twice and nothing is missed.
public struct MetricScanner: Sendable {
  /// Where the first line begins that is not wholly read yet.
  public private(set) var consumedBytes: Int64
  /// Definitions that were switched off, because too many lines asked for too many steps.
  public private(set) var disabled: [String] = []

  private var definitions: [Definition]
  private var line: [UInt8] = []
  /// Bytes of the current line so far, those beyond the cap included.
  private var lineLength: Int64 = 0

  public static let maximumLineBytes = 8192
  private static let maximumExceeded = 20

  private struct Definition: Sendable {
    let name: String
    let pattern: Pattern
    var exceeded = 0
  }

  public init(definitions: [(name: String, pattern: Pattern)], startOffset: Int64 = 0) {
    self.definitions = definitions.map { Definition(name: $0.name, pattern: $0.pattern) }
    consumedBytes = startOffset
  }

  /// Takes the log's next bytes and returns what the lines that end in them gave, in the log's order.
  public mutating func consume(_ chunk: [UInt8]) -> [MetricMatch] {
    var matches: [MetricMatch] = []
    var rest = chunk[...]
    while let end = rest.firstIndex(where: { $0 == 0x0A || $0 == 0x0D }) {
      take(rest[..<end])
      endLine(terminator: 1, into: &matches)
      rest = rest[(end + 1)...]
    }
    take(rest)
    return matches
  }

  /// Takes what is left as the last line; for when the log has ended.
  public mutating func finish() -> [MetricMatch] {
    var matches: [MetricMatch] = []
    endLine(terminator: 0, into: &matches)
    return matches
  }

  private mutating func take(_ bytes: ArraySlice<UInt8>) {
    lineLength += Int64(bytes.count)
    line.append(contentsOf: bytes.prefix(Self.maximumLineBytes - line.count))
  }

  private mutating func endLine(terminator: Int64, into matches: inout [MetricMatch]) {
    if !line.isEmpty { search(lastByte: consumedBytes + lineLength - 1, into: &matches) }
    consumedBytes += lineLength + terminator
    line.removeAll(keepingCapacity: true)
    lineLength = 0
  }

  private mutating func search(lastByte: Int64, into matches: inout [MetricMatch]) {
    for index in definitions.indices where definitions[index].exceeded < Self.maximumExceeded {
      let definition = definitions[index]
      switch line.withUnsafeBufferPointer({ definition.pattern.firstGroup(in: $0) }) {
      case .noMatch: break
      case .group(let text):
        guard let value = Self.number(text) else { continue }
        matches.append(MetricMatch(name: definition.name, value: value, byteOffset: lastByte))
      case .limitExceeded:
        definitions[index].exceeded += 1
        if definitions[index].exceeded == Self.maximumExceeded { disabled.append(definition.name) }
      }
    }
  }

  /// A finite decimal number as Python's `float` reads it, without hexadecimal, infinities and not-a-numbers.
  static func number(_ text: [UInt8]) -> Double? {
    let isSpace: (UInt8) -> Bool = { $0 == 0x20 || (0x09...0x0D).contains($0) }
    let trimmed = text.drop(while: isSpace).reversed().drop(while: isSpace).reversed()
    let allowed = Array("0123456789+-.eE".utf8)
    guard trimmed.count <= 400, trimmed.allSatisfy(allowed.contains) else { return nil }
    guard let value = Double(String(decoding: trimmed, as: UTF8.self)), value.isFinite else { return nil }
    return value
  }
}
