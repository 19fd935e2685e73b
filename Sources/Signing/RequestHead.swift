/// What a signature covers besides the body: a request as it stands on the wire.
///
/// Paths and queries stay raw, for whoever decodes them first can no longer tell what was signed.
public struct RequestHead: Sendable {
  public var method: String
  /// The path with its percent escapes, from the first `/` to before the `?`.
  public var rawPath: String
  /// What follows the `?`, escapes and all; empty when there is none.
  public var rawQuery: String
  /// Header fields in their order; names in any case, repeated fields as separate entries.
  public var headers: [(name: String, value: String)]

  public init(
    method: String, rawPath: String, rawQuery: String = "",
    headers: [(name: String, value: String)]
  ) {
    self.method = method
    self.rawPath = rawPath
    self.rawQuery = rawQuery
    self.headers = headers
  }

  /// Every value of a header, whatever the case of its name.
  func values(of name: String) -> [String] {
    headers.filter { $0.name.lowercased() == name }.map(\.value)
  }

  /// The parameters of the query as they stand, undecoded, in their order.
  var queryPairs: [(name: Substring, value: Substring)] {
    guard !rawQuery.isEmpty else { return [] }
    return rawQuery.split(separator: "&", omittingEmptySubsequences: false).map { pair in
      guard let equals = pair.firstIndex(of: "=") else { return (pair, "") }
      return (pair[..<equals], pair[pair.index(after: equals)...])
    }
  }

  /// The value of a parameter, its escapes undone; nil when there is none of that name.
  func parameter(_ name: String) -> String? {
    queryPairs.first { $0.name == name }.map { PercentEscapes.undone(in: $0.value) }
  }
}

/// The escapes of URLs (RFC 3986), in the form that signatures need: upper-case digits, every byte that may be escaped.
public enum PercentEscapes {
  /// A text as a path (its slashes stay) or as one value of a query.
  public static func made(in text: String, keepsSlashes: Bool = false) -> String {
    CanonicalRequest.escaped(text) { keepsSlashes && $0 == UInt8(ascii: "/") }
  }

  /// The text that an escaped one stands for. What is no escape stays, `+` included; bytes that are no UTF-8 are replaced.
  public static func undone(in text: Substring) -> String { String(decoding: bytes(text), as: UTF8.self) }

  static func bytes(_ text: Substring) -> [UInt8] {
    var rest = Array(text.utf8)[...]
    var output: [UInt8] = []
    while let byte = rest.popFirst() {
      if byte == UInt8(ascii: "%"), rest.count >= 2, let high = digit(rest[rest.startIndex]),
        let low = digit(rest[rest.startIndex + 1])
      {
        output.append(high << 4 | low)
        rest.removeFirst(2)
      } else {
        output.append(byte)
      }
    }
    return output
  }

  private static func digit(_ byte: UInt8) -> UInt8? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
    case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
    default: nil
    }
  }
}
