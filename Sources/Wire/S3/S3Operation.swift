/// What a request asks of the object store.
public enum S3Operation: Sendable, Equatable {
  case listBuckets(prefix: String)
  case createBucket
  case headBucket
  case deleteBucket
  /// What is set for a bucket: always what a bucket without settings has.
  case bucketSetting(S3BucketSetting)
  case listObjects(S3ListRequest)
  case listUploads(S3UploadsRequest)
  case deleteObjects
  case getObject(S3ReadRequest)
  case headObject(S3ReadRequest)
  case objectAttributes(S3AttributesRequest)
  case objectACL
  case objectTagging
  case putObject(S3WriteRequest)
  case copyObject(S3CopyRequest)
  case deleteObject
  case createUpload(S3UploadRequest)
  case uploadPart(S3PartRequest)
  case copyPart(S3PartRequest, S3CopySource)
  case completeUpload(S3CompletionRequest)
  case abortUpload(id: String)
  case listParts(S3PartsRequest)

  /// Whether the request's body is an object's bytes, which may be many.
  public var takesObject: Bool {
    switch self {
    case .putObject, .uploadPart: true
    default: false
    }
  }

  /// Whether the body is a short text, and how long it may be at most, in bytes.
  public var largestText: Int {
    switch self {
    case .createBucket: 64 << 10
    case .deleteObjects: 2 << 20
    // Ten thousand parts with their sums.
    case .completeUpload: 4 << 20
    default: 0
    }
  }
}

extension S3Operation {
  /// Reads a request; what is not built is refused by its name.
  public init(_ head: S3Head) throws(S3Error) {
    try Self.refuseUnbuilt(head)
    if head.bucket.isEmpty {
      guard head.method == "GET" else { throw Self.notAllowed(head) }
      self = .listBuckets(prefix: head.query["prefix"] ?? "")
    } else if head.key.isEmpty {
      self = try Self.ofBucket(head)
    } else {
      self = try Self.ofObject(head)
    }
  }

  /// Sub-resources of buckets and objects that are answered in some form.
  private static let answered: Set<String> = [
    "acl", "attributes", "delete", "location", "partNumber", "tagging", "uploadId", "uploads", "versionId",
  ]
  private static let unbuilt: Set<String> = [
    "abac", "accelerate", "analytics", "annotation", "intelligent-tiering", "inventory", "legal-hold", "logging",
    "metadataAnnotationTable", "metadataConfiguration", "metadataInventoryTable", "metadataJournalTable",
    "metadataTable", "metrics", "notification", "object-lock", "ownershipControls", "renameObject", "replication",
    "requestPayment", "restore", "retention", "select", "session", "torrent", "versions",
  ]

  private static func refuseUnbuilt(_ head: S3Head) throws(S3Error) {
    if let name = head.query.keys.sorted().first(where: { unbuilt.contains($0) }) {
      throw .notImplemented("The sub-resource ?\(name)")
    }
    if let version = head.query["versionId"], version != "null" {
      throw .argument("versionId", version, "Invalid version id specified: buckets of htr keep no versions.")
    }
  }

  private static func ofBucket(_ head: S3Head) throws(S3Error) -> S3Operation {
    if let setting = S3BucketSetting.allCases.first(where: { head.has($0.rawValue) }) {
      guard head.method == "GET" else {
        throw .notImplemented("\(head.method) of the sub-resource ?\(setting.rawValue) of a bucket")
      }
      return .bucketSetting(setting)
    }
    switch head.method {
    case "GET" where head.has("uploads"): return .listUploads(try S3UploadsRequest(head))
    case "GET": return .listObjects(try S3ListRequest(head))
    case "HEAD": return .headBucket
    case "PUT": return .createBucket
    case "DELETE": return .deleteBucket
    case "POST" where head.has("delete"): return .deleteObjects
    case "POST": throw .notImplemented("An upload by a web page's form (POST of a bucket)")
    default: throw notAllowed(head)
    }
  }

  private static func ofObject(_ head: S3Head) throws(S3Error) -> S3Operation {
    for name in ["acl", "tagging"] where head.has(name) {
      guard head.method == "GET" else { throw .notImplemented("\(head.method) of an object's ?\(name)") }
      return name == "acl" ? .objectACL : .objectTagging
    }
    switch head.method {
    case "GET" where head.has("uploadId"): return .listParts(try S3PartsRequest(head))
    case "GET" where head.has("attributes"): return .objectAttributes(try S3AttributesRequest(head))
    case "GET": return .getObject(try S3ReadRequest(head))
    case "HEAD": return .headObject(try S3ReadRequest(head))
    case "PUT": return try ofWrite(head)
    case "POST" where head.has("uploads"): return .createUpload(try S3UploadRequest(head))
    case "POST" where head.has("uploadId"): return .completeUpload(try S3CompletionRequest(head))
    case "DELETE" where head.has("uploadId"): return .abortUpload(id: head.query["uploadId"] ?? "")
    case "DELETE":
      if head.header("if-match") != nil { throw .notImplemented("DeleteObject with If-Match") }
      return .deleteObject
    default: throw notAllowed(head)
    }
  }

  private static func ofWrite(_ head: S3Head) throws(S3Error) -> S3Operation {
    let source = try S3CopySource(head)
    guard head.has("uploadId") || head.has("partNumber") else {
      guard let source else { return .putObject(try S3WriteRequest(head)) }
      return .copyObject(try S3CopyRequest(head, from: source))
    }
    let part = try S3PartRequest(head)
    return source.map { .copyPart(part, $0) } ?? .uploadPart(part)
  }

  private static func notAllowed(_ head: S3Head) -> S3Error {
    S3Error(
      .methodNotAllowed, "The specified method is not allowed against this resource: \(head.method.prefix(20)).",
      details: ["Method": String(head.method.prefix(20))])
  }
}

/// Settings that a bucket could have. Here none is ever made; each is answered with what S3 says of a bucket without it.
public enum S3BucketSetting: String, Sendable, CaseIterable {
  case accessControl = "acl"
  case cors
  case encryption
  case lifecycle
  case location
  case policy
  case policyStatus
  case publicAccessBlock
  case tagging
  case versioning
  case website
}
