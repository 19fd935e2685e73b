/// Why a request is not let in.
public struct SignatureError: Error, Sendable, Equatable, CustomStringConvertible {
  public enum Reason: String, Sendable, CaseIterable {
    /// There is no signature at all.
    case missingAuthentication
    /// The signature's own fields are incomplete or unreadable.
    case malformedAuthorization
    /// A header or parameter that decides something is there twice, so that two readers could see two requests.
    case repeatedField
    /// The credential scope names another day, or a service that is not offered here.
    case wrongScope
    /// `host` or `x-amz-date` is absent, or not covered by the signature.
    case missingSignedHeader
    /// An `x-amz-` header is there that the signature does not cover.
    case unsignedHeader
    case malformedDate
    /// The request was signed more than fifteen minutes before or after now.
    case outsideTimeWindow
    /// A presigned address whose time is over.
    case expired
    case unknownAccessKey
    /// The session token is missing, is not of this key or was not made here.
    case invalidToken
    /// A session that is over.
    case expiredToken
    /// The body is not the one that was signed.
    case bodyMismatch
    /// The body's hash is absent where S3 needs it, or a kind of it that is not accepted.
    case unacceptableBodyHash
    /// A body in chunks does not say how long it is.
    case missingLength
    /// A body in chunks ended early, or is shorter than it says.
    case incompleteBody
    /// A body in chunks is not put together as such a body must be.
    case malformedChunk
    /// The header fields after the last chunk are not those that were promised.
    case malformedTrailer
    /// The path has `.`, `..` or empty segments, which signatures cannot tell apart from their absence.
    case ambiguousPath
    case signatureMismatch
    /// The process at the other end of the Unix socket belongs to somebody else.
    case foreignPeer
  }

  public let reason: Reason
  public let message: String
  /// The service in the credential scope, where it could be read: services spell their error codes differently.
  public let service: String?

  init(_ reason: Reason, _ message: String, service: String? = nil) {
    self.reason = reason
    self.message = message
    self.service = service
  }

  /// The same, for a service that is known from elsewhere than the signature.
  public func from(_ service: String) -> SignatureError { SignatureError(reason, message, service: service) }

  public var description: String { message }

  /// The error code that a client of this service knows.
  public var code: String {
    switch service {
    case "s3": storageCode
    case "sts", "iam": queryCode
    default: jsonCode
    }
  }

  public var httpStatus: Int {
    switch reason {
    case .malformedAuthorization, .repeatedField, .wrongScope, .missingSignedHeader,
      .malformedDate, .unacceptableBodyHash, .ambiguousPath, .incompleteBody, .malformedChunk,
      .malformedTrailer:
      400
    case .bodyMismatch, .invalidToken, .expiredToken: service == "s3" ? 400 : 403
    case .missingLength: 411
    default: 403
    }
  }

  private var jsonCode: String {
    switch reason {
    case .missingAuthentication: "MissingAuthenticationTokenException"
    case .unknownAccessKey, .invalidToken: "UnrecognizedClientException"
    case .expiredToken: "ExpiredTokenException"
    case .expired: "RequestExpired"
    case .outsideTimeWindow, .bodyMismatch, .signatureMismatch: "InvalidSignatureException"
    case .unsignedHeader, .foreignPeer: "AccessDeniedException"
    default: "IncompleteSignatureException"
    }
  }

  private var queryCode: String {
    switch reason {
    case .missingAuthentication: "MissingAuthenticationToken"
    case .unknownAccessKey, .invalidToken: "InvalidClientTokenId"
    case .expiredToken: "ExpiredToken"
    case .expired, .outsideTimeWindow: "RequestExpired"
    case .bodyMismatch, .signatureMismatch: "SignatureDoesNotMatch"
    case .unsignedHeader, .foreignPeer: "AccessDenied"
    default: "IncompleteSignature"
    }
  }

  private var storageCode: String {
    switch reason {
    case .missingAuthentication, .expired, .unsignedHeader, .foreignPeer: "AccessDenied"
    case .unknownAccessKey: "InvalidAccessKeyId"
    case .invalidToken: "InvalidToken"
    case .expiredToken: "ExpiredToken"
    case .outsideTimeWindow: "RequestTimeTooSkewed"
    case .bodyMismatch: "XAmzContentSHA256Mismatch"
    case .signatureMismatch: "SignatureDoesNotMatch"
    case .missingLength: "MissingContentLength"
    case .incompleteBody: "IncompleteBody"
    case .malformedTrailer: "MalformedTrailerError"
    case .unacceptableBodyHash, .ambiguousPath, .repeatedField, .malformedChunk: "InvalidRequest"
    default: "AuthorizationHeaderMalformed"
    }
  }
}
