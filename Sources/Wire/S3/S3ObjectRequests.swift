/// GetObject and HeadObject.
public struct S3ReadRequest: Sendable, Equatable {
  public let range: S3Range?
  public let conditions: S3Conditions
  /// Headers of the answer that the request gives itself: `response-content-type` and its like.
  let overrides: [String: String]
  let wantsChecksum: Bool

  private static let overridable = [
    "cache-control", "content-disposition", "content-encoding", "content-language", "content-type", "expires",
  ]

  init(_ head: S3Head) throws(S3Error) {
    if head.has("partNumber") { throw .notImplemented("Reading a single part (?partNumber)") }
    if head.header("x-amz-server-side-encryption-customer-algorithm") != nil {
      throw .notImplemented("Encryption with a client's own key (SSE-C)")
    }
    range = head.header("range").flatMap(S3Range.init(header:))
    conditions = S3Conditions(head)
    wantsChecksum = head.header("x-amz-checksum-mode")?.uppercased() == "ENABLED"
    var overrides: [String: String] = [:]
    for name in Self.overridable {
      guard let value = head.query["response-\(name)"] else { continue }
      guard value.utf8.count <= S3Head.longestKey, value.utf8.allSatisfy({ $0 >= 0x20 && $0 != 0x7F }) else {
        throw .argument("response-\(name)", value, "A header of the answer has at most 1024 printable characters.")
      }
      overrides[name] = value
    }
    self.overrides = overrides
  }
}

/// PutObject.
public struct S3WriteRequest: Sendable, Equatable {
  public let attributes: S3Attributes
  public let claim: S3BodyClaim
  public let condition: S3WriteCondition

  init(_ head: S3Head) throws(S3Error) {
    attributes = try S3Attributes(head)
    claim = try S3BodyClaim(head)
    condition = try S3WriteCondition(head)
  }
}

/// The object that a copy is made of.
public struct S3CopySource: Sendable, Equatable {
  public let bucket: String
  public let key: String
  public let conditions: S3Conditions
  /// For parts: the bytes that are meant.
  public let range: S3Range?

  /// Nil when the request is no copy.
  init?(_ head: S3Head) throws(S3Error) {
    guard let text = head.header("x-amz-copy-source") else { return nil }
    let fault = S3Error.argument(
      "x-amz-copy-source", text, "Copy Source must mention the source bucket and key: sourcebucket/sourcekey")
    // A slash in front is allowed, and so is a text that was not escaped.
    let path = text.utf8.first == UInt8(ascii: "/") ? text.utf8.dropFirst() : text.utf8[...]
    let parts = path.split(separator: UInt8(ascii: "?"), maxSplits: 1, omittingEmptySubsequences: false)
    guard parts.count == 1 || parts[1].elementsEqual("versionId=null".utf8) else {
      throw .argument("x-amz-copy-source", text, "Invalid version id specified: buckets of htr keep no versions.")
    }
    let bytes = PercentText.decoded(parts[0]) ?? Array(parts[0])
    guard let slash = bytes.firstIndex(of: UInt8(ascii: "/")),
      let bucket = String(validating: bytes[..<slash], as: UTF8.self),
      let key = String(validating: bytes[(slash + 1)...], as: UTF8.self), !bucket.isEmpty, !key.isEmpty,
      key.utf8.count <= S3Head.longestKey
    else { throw fault }
    (self.bucket, self.key) = (bucket, key)
    conditions = S3Conditions(head, prefix: "x-amz-copy-source-")
    guard let range = head.header("x-amz-copy-source-range") else {
      self.range = nil
      return
    }
    guard let range = S3Range(header: range), case .between = range else {
      throw .argument(
        "x-amz-copy-source-range", range,
        "The x-amz-copy-source-range value must be of the form bytes=first-last where first and last are the zero-based offsets of the first and last bytes to copy"
      )
    }
    self.range = range
  }

  /// A copy whose source is not as it must be has failed, whichever way.
  public func check(_ object: S3Object) throws(S3Error) {
    guard conditions.verdict(on: object) == .proceed else { throw .preconditionFailed }
  }
}

extension S3Error {
  public static let preconditionFailed = S3Error(
    .preconditionFailed, "At least one of the pre-conditions you specified did not hold")
}

/// CopyObject.
public struct S3CopyRequest: Sendable, Equatable {
  public let source: S3CopySource
  /// Nil: the source's own.
  public let attributes: S3Attributes?
  /// The encryption's name is never copied, but given anew.
  public let encryption: S3Attributes
  public let algorithm: S3Checksum.Algorithm?
  public let condition: S3WriteCondition

  init(_ head: S3Head, from source: S3CopySource) throws(S3Error) {
    self.source = source
    let own = try S3Attributes(head)
    switch head.header("x-amz-metadata-directive") ?? "COPY" {
    case "COPY":
      // A copy of an object onto itself that changes nothing is refused by S3 as a likely mistake.
      guard source.bucket != head.bucket || source.key != head.key || !own.headers.isEmpty else {
        throw S3Error(
          .invalidRequest,
          "This copy request is illegal because it is trying to copy an object to itself without changing the object's metadata, storage class, website redirect location or encryption attributes."
        )
      }
      attributes = nil
    case "REPLACE": attributes = own
    case let other: throw .argument("x-amz-metadata-directive", other, "Unknown metadata directive.")
    }
    if let directive = head.header("x-amz-tagging-directive"), directive != "COPY" {
      throw .notImplemented("x-amz-tagging-directive \(directive.prefix(20))")
    }
    encryption = S3Attributes(headers: own.headers.filter { $0.key.hasPrefix("x-amz-") })
    algorithm = try S3BodyClaim.algorithm(head, "x-amz-checksum-algorithm")
    condition = try S3WriteCondition(head)
  }
}

/// GetObjectAttributes.
public struct S3AttributesRequest: Sendable, Equatable {
  enum Attribute: String, CaseIterable {
    case tag = "ETag"
    case checksum = "Checksum"
    case parts = "ObjectParts"
    case storageClass = "StorageClass"
    case size = "ObjectSize"
  }

  let attributes: Set<Attribute>

  init(_ head: S3Head) throws(S3Error) {
    let names = (head.header("x-amz-object-attributes") ?? "").split(separator: ",").map(S3Attributes.trimmed)
    var attributes: Set<Attribute> = []
    for name in names {
      guard let attribute = Attribute(rawValue: name) else {
        throw .argument("x-amz-object-attributes", name, "Invalid attribute name specified.")
      }
      attributes.insert(attribute)
    }
    guard !attributes.isEmpty else {
      throw .argument("x-amz-object-attributes", "", "The x-amz-object-attributes header must name an attribute.")
    }
    self.attributes = attributes
  }
}
