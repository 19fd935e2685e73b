/// A request's head, taken apart: what lies in the path, and the parameters and headers by name.
public struct S3Head: Sendable, Equatable {
  public let method: String
  /// Empty for requests that are about no bucket.
  public let bucket: String
  /// Empty for requests about a whole bucket. Any UTF-8 else: nothing in it has a meaning here.
  public let key: String
  /// The path as it came, for error answers.
  public let resource: String
  /// Parameters of the query, decoded; those without `=` are empty.
  let query: [String: String]
  /// Names in lower case; repeated fields are joined with commas.
  let headers: [String: String]

  static let mostParameters = 64
  /// As everywhere in S3; in bytes.
  static let longestKey = 1024

  /// - Parameters:
  ///   - rawPath: from the first slash to before the `?`, with its escapes.
  ///   - rawQuery: what follows the `?`.
  ///   - headers: in any case, repeated ones as entries of their own.
  public init(
    method: String, rawPath: String, rawQuery: String, headers: [(name: String, value: String)]
  ) throws(S3Error) {
    self.method = method
    resource = String(rawPath.prefix(2 * Self.longestKey))
    let path = rawPath.utf8.dropFirst()
    guard rawPath.utf8.first == UInt8(ascii: "/") else {
      throw S3Error(.invalidURI, "The path must begin with a slash.")
    }
    let slash = path.firstIndex(of: UInt8(ascii: "/"))
    bucket = try Self.decoded(path[..<(slash ?? path.endIndex)])
    key = try slash.map { index throws(S3Error) in try Self.decoded(path[path.index(after: index)...]) } ?? ""
    guard key.utf8.count <= Self.longestKey else {
      throw S3Error(
        .keyTooLong, "Your key is too long: it has \(key.utf8.count) bytes.",
        details: ["MaxSizeAllowed": "\(Self.longestKey)", "Size": "\(key.utf8.count)"])
    }
    guard !(bucket.isEmpty && slash != nil) else {
      throw S3Error(.invalidBucketName, "The specified bucket is not valid: its name is empty.")
    }
    query = try Self.parameters(rawQuery)
    self.headers = Dictionary(headers.map { ($0.name.lowercased(), $0.value) }) { "\($0),\($1)" }
  }

  private static func parameters(_ rawQuery: String) throws(S3Error) -> [String: String] {
    let pairs = rawQuery.utf8.split(separator: UInt8(ascii: "&"), maxSplits: mostParameters)
    guard pairs.count <= mostParameters else {
      throw S3Error(.invalidURI, "The query has more than \(mostParameters) parameters.")
    }
    var query: [String: String] = [:]
    for pair in pairs {
      let equals = pair.firstIndex(of: UInt8(ascii: "="))
      let name = try decoded(pair[..<(equals ?? pair.endIndex)])
      let value = try equals.map { index throws(S3Error) in try decoded(pair[pair.index(after: index)...]) } ?? ""
      guard query.updateValue(value, forKey: name) == nil else {
        throw argument(name, value, "The parameter is there twice.")
      }
    }
    return query
  }

  private static func argument(_ name: String, _ value: String, _ message: String) -> S3Error {
    S3Error.argument(name, value, message)
  }

  /// A plus sign stays one: signatures see it so, and no client of AWS writes spaces that way.
  private static func decoded(_ text: some Collection<UInt8>) throws(S3Error) -> String {
    guard let bytes = PercentText.decoded(text), let text = String(validating: bytes, as: UTF8.self) else {
      throw S3Error(.invalidURI, "Couldn't parse the specified URI: its escapes are no UTF-8.")
    }
    return text
  }

  public func header(_ name: String) -> String? { headers[name] }

  func has(_ parameter: String) -> Bool { query[parameter] != nil }

  /// A whole number of a parameter, within bounds; nil when the parameter is not there.
  func number(_ parameter: String, in range: ClosedRange<Int>) throws(S3Error) -> Int? {
    guard let text = query[parameter], !text.isEmpty else { return nil }
    guard let value = Int(text), range.contains(value), text.utf8.count <= 12 else {
      throw .argument(
        parameter, text, "Argument \(parameter) must be an integer between \(range.lowerBound) and \(range.upperBound)."
      )
    }
    return value
  }
}

/// Percent escapes, as URLs have them.
public enum PercentText {
  /// The bytes that a text stands for; nil when a percent sign begins no escape.
  public static func decoded(_ text: some Collection<UInt8>) -> [UInt8]? {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(text.count)
    var rest = text.makeIterator()
    while let byte = rest.next() {
      guard byte == UInt8(ascii: "%") else {
        bytes.append(byte)
        continue
      }
      guard let high = rest.next().flatMap(digit), let low = rest.next().flatMap(digit) else { return nil }
      bytes.append(high << 4 | low)
    }
    return bytes
  }

  /// A text with everything escaped but letters, digits, `-._~` and what `keeping` names.
  public static func encoded(_ text: String, keeping: String = "/") -> String {
    let hex = Array("0123456789ABCDEF".utf8)
    let kept = Set("-._~\(keeping)".utf8)
    var bytes: [UInt8] = []
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        bytes.append(byte)
      case _ where kept.contains(byte): bytes.append(byte)
      default: bytes += [UInt8(ascii: "%"), hex[Int(byte >> 4)], hex[Int(byte & 15)]]
      }
    }
    return String(decoding: bytes, as: UTF8.self)
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
