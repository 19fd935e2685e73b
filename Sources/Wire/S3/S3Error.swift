/// An error as S3's clients know it: a code, a message for people, and what it is about.
public struct S3Error: Error, Sendable, Equatable, CustomStringConvertible {
  public let code: Code
  public let message: String
  /// Elements of the answer besides code and message, for clients that look closer: the key, the bucket, the header.
  public var details: [String: String] = [:]

  public init(_ code: Code, _ message: String, details: [String: String] = [:]) {
    self.code = code
    self.message = message
    self.details = details
  }

  public enum Code: String, Sendable, CaseIterable {
    case accessControlListNotSupported = "AccessControlListNotSupported"
    case accessDenied = "AccessDenied"
    case badDigest = "BadDigest"
    case bucketNotEmpty = "BucketNotEmpty"
    case contentDigestMismatch = "XAmzContentSHA256Mismatch"
    case encryptionNotConfigured = "ServerSideEncryptionConfigurationNotFoundError"
    case entityTooLarge = "EntityTooLarge"
    case entityTooSmall = "EntityTooSmall"
    case incompleteBody = "IncompleteBody"
    case insufficientStorage = "InsufficientStorage"
    case internalError = "InternalError"
    case invalidArgument = "InvalidArgument"
    case invalidBucketName = "InvalidBucketName"
    case invalidDigest = "InvalidDigest"
    case invalidPart = "InvalidPart"
    case invalidPartOrder = "InvalidPartOrder"
    case invalidRange = "InvalidRange"
    case invalidRequest = "InvalidRequest"
    case invalidStorageClass = "InvalidStorageClass"
    case invalidURI = "InvalidURI"
    case keyTooLong = "KeyTooLongError"
    case malformedXML = "MalformedXML"
    case metadataTooLarge = "MetadataTooLarge"
    case methodNotAllowed = "MethodNotAllowed"
    case missingContentLength = "MissingContentLength"
    case noSuchBucket = "NoSuchBucket"
    case noSuchBucketPolicy = "NoSuchBucketPolicy"
    case noSuchCORS = "NoSuchCORSConfiguration"
    case noSuchKey = "NoSuchKey"
    case noSuchLifecycle = "NoSuchLifecycleConfiguration"
    case noSuchPublicAccessBlock = "NoSuchPublicAccessBlockConfiguration"
    case noSuchTagSet = "NoSuchTagSet"
    case noSuchUpload = "NoSuchUpload"
    case noSuchWebsite = "NoSuchWebsiteConfiguration"
    case notImplemented = "NotImplemented"
    case permanentRedirect = "PermanentRedirect"
    case preconditionFailed = "PreconditionFailed"

    public var httpStatus: Int {
      switch self {
      case .permanentRedirect: 301
      case .accessDenied: 403
      case .encryptionNotConfigured, .noSuchBucket, .noSuchBucketPolicy, .noSuchCORS, .noSuchKey, .noSuchLifecycle,
        .noSuchPublicAccessBlock, .noSuchTagSet, .noSuchUpload, .noSuchWebsite:
        404
      case .methodNotAllowed: 405
      case .bucketNotEmpty: 409
      case .missingContentLength: 411
      case .preconditionFailed: 412
      case .invalidRange: 416
      case .internalError: 500
      case .notImplemented: 501
      // Not among those that clients try again.
      case .insufficientStorage: 507
      default: 400
      }
    }
  }

  public var description: String { "\(code.rawValue): \(message)" }

  /// What is asked for and not built; the name of it is in the message.
  static func notImplemented(_ what: String) -> S3Error {
    S3Error(.notImplemented, "\(what) is not implemented by htr; leave it out.")
  }

  static func argument(_ name: String, _ value: String, _ message: String) -> S3Error {
    S3Error(
      .invalidArgument, message, details: ["ArgumentName": name, "ArgumentValue": String(value.prefix(200))])
  }
}
