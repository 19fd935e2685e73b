import JSONKit

extension ShapeReader.Rule {
  /// Names of jobs, endpoints and their kin.
  public static let resourceName = Self("^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}") { text in
    guard let first = text.utf8.first, let last = text.utf8.last else { return false }
    return isAlphanumeric(first) && isAlphanumeric(last)
      && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  /// The names that `resourceName` allows, in the words of the actions on models.
  public static let modelName = Self("[a-zA-Z0-9]([\\-a-zA-Z0-9]*[a-zA-Z0-9])?", resourceName.holds)

  public static let nameFragment = Self("[a-zA-Z0-9\\-]+") { text in
    !text.isEmpty && text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "-") }
  }

  public static let channelName = Self("[A-Za-z0-9\\.\\-_]+") { text in
    // "." and ".." match the published pattern but would name other folders.
    text != "." && text != ".."
      && text.utf8.allSatisfy { isAlphanumeric($0) || [0x2E, 0x2D, 0x5F].contains($0) }
  }

  public static let roleARN = Self("^arn:aws[a-z\\-]*:iam::\\d{12}:role/?[a-zA-Z_0-9+=,.@\\-_/]+$") { text in
    let parts = text.split(separator: ":", maxSplits: 5, omittingEmptySubsequences: false)
    guard parts.count == 6, parts[0] == "arn", parts[1].hasPrefix("aws"), parts[2] == "iam",
      parts[3].isEmpty, parts[4].utf8.count == 12,
      parts[4].utf8.allSatisfy({ (0x30...0x39).contains($0) }), parts[5].hasPrefix("role")
    else { return false }
    let name = parts[5].dropFirst(4)
    return !name.isEmpty
      && name.utf8.allSatisfy { isAlphanumeric($0) || "+=,.@-_/".utf8.contains($0) }
  }

  /// `s3://bucket/prefix`, and htr's own `file:///absolute/path`.
  public static let dataURI = Self("^(s3|file)://([^/]*)/?(.*)$") { text in
    if text.hasPrefix("https:") { return false }
    if text.hasPrefix("file:///") { return true }
    return hasBucket(text)
  }

  /// Where the archive of a model lies: in htr's own bucket store or in a file of this machine.
  public static let modelURI = Self("^(s3|file)://([^/]*)/?(.*)$") { text in
    dataURI.holds(text) && singleLine.holds(text)
  }

  /// Names of images: text without space of any kind or NUL.
  public static let image = Self("[\\S]+") { text in
    !text.unicodeScalars.contains { $0.value == 0 || $0.properties.isWhitespace }
  }

  public static let bucketURI = Self("^(https|s3)://([^/]+)/?(.*)$", hasBucket)

  public static let environmentKey = Self("[a-zA-Z_][a-zA-Z0-9_]*") { text in
    guard let first = text.utf8.first, !(0x30...0x39).contains(first) else { return false }
    return text.utf8.allSatisfy { isAlphanumeric($0) || $0 == UInt8(ascii: "_") }
  }

  public static let algorithmName = Self(
    "(arn:aws[a-z\\-]*:sagemaker:[a-z0-9\\-]*:[0-9]{12}:[a-z\\-]*\\/)?([a-zA-Z0-9]([a-zA-Z0-9-]){0,62})(?<!-)"
  ) { resourceName.holds($0) }

  /// Text without line breaks or NUL, which neither a header nor an environment can hold.
  public static let singleLine = Self("[^\\n\\r\\x00]*") { text in
    !text.utf8.contains { $0 == 0 || $0 == 0x0A || $0 == 0x0D }
  }

  private static func hasBucket(_ text: String) -> Bool {
    for scheme in ["s3://", "https://"] where text.hasPrefix(scheme) {
      return text.dropFirst(scheme.count).first.map { $0 != "/" } ?? false
    }
    return false
  }

  private static func isAlphanumeric(_ byte: UInt8) -> Bool {
    switch byte {
    case 0x30...0x39, 0x41...0x5A, 0x61...0x7A: true
    default: false
    }
  }
}

extension ShapeReader {
  /// The required name of a resource. "" when there is none, which is a fault as well.
  mutating func resourceName(
    _ json: JSON, _ member: String, at path: String, rule: Rule = .resourceName
  ) -> String {
    string(json, member, at: path, required: true, length: 1...63, rule: rule) ?? ""
  }
}
