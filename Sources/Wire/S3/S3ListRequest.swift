/// ListObjects, in both of its versions.
public struct S3ListRequest: Sendable, Equatable {
  public let isVersion2: Bool
  public let prefix: String
  public let delimiter: String
  public let start: Start
  /// At most so many keys and common prefixes, 0 to 1000.
  public let limit: Int
  let startAfter: String?
  let token: String?
  let encodesNames: Bool
  let showsOwner: Bool

  public static let mostItems = 1000

  /// Where a listing begins.
  public enum Start: Sendable, Equatable {
    case beginning
    /// With the first key after this, in byte order.
    case after(String)
    /// Where a page ended: after this key, or after all keys with this common prefix.
    case past(String)
  }

  init(_ head: S3Head) throws(S3Error) {
    let version = head.query["list-type"]
    guard version == nil || version == "2" else {
      throw .argument("list-type", version ?? "", "list-type must be 2, or not be there.")
    }
    isVersion2 = version != nil
    prefix = head.query["prefix"] ?? ""
    delimiter = head.query["delimiter"] ?? ""
    limit = min(try head.number("max-keys", in: 0...Int(Int32.max)) ?? Self.mostItems, Self.mostItems)
    encodesNames = try Self.encodesNames(head)
    token = isVersion2 ? head.query["continuation-token"] : nil
    startAfter = isVersion2 ? head.query["start-after"] : head.query["marker"]
    if let token {
      start = .past(try S3Token.position(token))
    } else if let startAfter, !startAfter.isEmpty {
      start = isVersion2 ? .after(startAfter) : .past(startAfter)
    } else {
      start = .beginning
    }
    showsOwner = !isVersion2 || head.query["fetch-owner"] == "true"
    for (name, text) in [("prefix", prefix), ("delimiter", delimiter), ("start-after", startAfter ?? "")]
    where text.utf8.count > S3Head.longestKey {
      throw .argument(name, text, "\(name) has more than \(S3Head.longestKey) bytes.")
    }
  }

  static func encodesNames(_ head: S3Head) throws(S3Error) -> Bool {
    guard let encoding = head.query["encoding-type"] else { return false }
    guard encoding.lowercased() == "url" else {
      throw .argument("encoding-type", encoding, "Invalid Encoding Method specified in Request")
    }
    return true
  }
}

/// Where a listing goes on, as a text that means nothing to clients. It holds the last name that was listed, so that it
/// stays good whatever is written and deleted meanwhile.
enum S3Token {
  private static let mark = "1"

  static func text(after position: String) -> String {
    mark + position.utf8.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  static func position(_ text: String) throws(S3Error) -> String {
    let digits = Array(text.utf8.dropFirst(mark.utf8.count))
    guard text.hasPrefix(mark), !digits.isEmpty, digits.count % 2 == 0, digits.count <= 2 * S3Head.longestKey,
      let bytes = PercentText.decoded(escapes(digits)), let position = String(validating: bytes, as: UTF8.self)
    else {
      throw .argument("continuation-token", text, "The continuation token provided is incorrect")
    }
    return position
  }

  private static func escapes(_ digits: [UInt8]) -> [UInt8] {
    stride(from: 0, to: digits.count, by: 2).flatMap { [UInt8(ascii: "%"), digits[$0], digits[$0 + 1]] }
  }
}

/// What a listing found.
public struct S3ListAnswer: Sendable {
  public let objects: [S3Object]
  public let commonPrefixes: [String]
  /// The last name of this page, when there are more.
  public let next: String?

  public init(objects: [S3Object], commonPrefixes: [String], next: String?) {
    (self.objects, self.commonPrefixes, self.next) = (objects, commonPrefixes, next)
  }
}
