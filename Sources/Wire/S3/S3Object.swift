public import HostKit

/// What is told of an object.
public struct S3Object: Sendable, Equatable {
  public let key: String
  public let size: Int64
  public let modified: Timestamp
  /// Without quotes.
  public let entityTag: String
  public let attributes: S3Attributes
  public let checksum: S3Checksum?

  public init(
    key: String, size: Int64, modified: Timestamp, entityTag: String, attributes: S3Attributes = S3Attributes(),
    checksum: S3Checksum? = nil
  ) {
    (self.key, self.size, self.modified, self.entityTag) = (key, size, modified, entityTag)
    (self.attributes, self.checksum) = (attributes, checksum)
  }

  static let defaultContentType = "binary/octet-stream"
}

/// What a client gives an object besides its bytes.
public struct S3Attributes: Sendable, Equatable {
  /// Headers that come back with the object, names in lower case.
  public var headers: [String: String]
  /// The client's own: names in lower case without `x-amz-meta-`.
  public var metadata: [String: String]

  public init(headers: [String: String] = [:], metadata: [String: String] = [:]) {
    self.headers = headers
    self.metadata = metadata
  }

  /// Headers that are kept and answered with as they came. Encryption is kept as a word only: see README.
  private static let kept = [
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
    "x-amz-server-side-encryption", "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-bucket-key-enabled", "x-amz-server-side-encryption-context",
  ]
  private static let metadataPrefix = "x-amz-meta-"
  private static let encryptions: Set<String> = ["AES256", "aws:kms", "aws:kms:dsse"]
  /// As in S3; names and values together, in bytes.
  private static let largestMetadata = 2048

  init(_ head: S3Head) throws(S3Error) {
    try Self.refuseUnbuilt(head)
    headers = Dictionary(
      Self.kept.compactMap { name in head.header(name).map { (name, $0) } }, uniquingKeysWith: { first, _ in first })
    // Not of the object but of its way here.
    if let encoding = headers["content-encoding"] {
      let rest = encoding.split(separator: ",").map(Self.trimmed).filter { $0 != "aws-chunked" }
      headers["content-encoding"] = rest.isEmpty ? nil : rest.joined(separator: ",")
    }
    if let encryption = headers["x-amz-server-side-encryption"], !Self.encryptions.contains(encryption) {
      throw .argument("x-amz-server-side-encryption", encryption, "The encryption method specified is not supported.")
    }
    metadata = Dictionary(
      head.headers.filter { $0.key.hasPrefix(Self.metadataPrefix) }
        .map { (String($0.key.dropFirst(Self.metadataPrefix.utf8.count)), $0.value) },
      uniquingKeysWith: { first, _ in first })
    let size = metadata.reduce(0) { $0 + $1.key.utf8.count + $1.value.utf8.count }
    guard size <= Self.largestMetadata else {
      throw S3Error(
        .metadataTooLarge, "Your metadata headers exceed the maximum allowed metadata size.",
        details: ["Size": "\(size)", "MaxSizeAllowed": "\(Self.largestMetadata)"])
    }
  }

  private static func refuseUnbuilt(_ head: S3Head) throws(S3Error) {
    if let list = head.header("x-amz-acl"), !["private", "bucket-owner-full-control"].contains(list) {
      throw S3Error(.accessControlListNotSupported, "The bucket does not allow ACLs; leave out x-amz-acl.")
    }
    if let name = head.headers.keys.first(where: { $0.hasPrefix("x-amz-grant-") }) {
      throw S3Error(.accessControlListNotSupported, "The bucket does not allow ACLs; leave out \(name).")
    }
    if let storage = head.header("x-amz-storage-class"), storage != "STANDARD" {
      throw S3Error(.invalidStorageClass, "The storage class you specified is not valid: there is STANDARD only.")
    }
    let unbuilt = [
      "x-amz-server-side-encryption-customer-algorithm", "x-amz-website-redirect-location", "x-amz-object-lock-mode",
      "x-amz-object-lock-retain-until-date", "x-amz-object-lock-legal-hold", "x-amz-tagging",
      "x-amz-write-offset-bytes",
    ]
    for name in unbuilt where head.header(name) != nil { throw .notImplemented("The header \(name)") }
  }

  static func trimmed(_ text: Substring) -> String {
    var text = text.drop { $0 == " " }
    while text.last == " " { text.removeLast() }
    return String(text)
  }
}
