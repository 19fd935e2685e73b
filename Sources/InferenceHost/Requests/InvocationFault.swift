/// Why a request gets no readings: what its answer says.
struct InvocationFault: Error, Sendable, Equatable {
  enum Code: String, Sendable {
    case badRequest = "BadRequest"
    case notFound = "NotFound"
    case forbidden = "Forbidden"
    case methodNotAllowed = "MethodNotAllowed"
    case notAcceptable = "NotAcceptable"
    case tooLarge = "PayloadTooLarge"
    case unsupportedMediaType = "UnsupportedMediaType"
    case unreadableImage = "UnreadableImage"
    case tooManyRequests = "TooManyRequests"
    case readingFailed = "ReadingFailed"
    case unavailable = "ServiceUnavailable"
    case overdue = "DeadlineExceeded"
  }

  let code: Code
  /// What was asked, what is in the way, what to do.
  let message: String

  init(_ code: Code, _ message: String) {
    self.code = code
    self.message = message
  }
}

extension InvocationFault.Code {
  var status: Int {
    switch self {
    case .badRequest: 400
    case .forbidden: 403
    case .notFound: 404
    case .methodNotAllowed: 405
    case .notAcceptable: 406
    case .tooLarge: 413
    case .unsupportedMediaType: 415
    case .unreadableImage: 422
    case .tooManyRequests: 429
    case .readingFailed: 500
    case .unavailable: 503
    case .overdue: 504
    }
  }

  /// Seconds after which the same request may well succeed; nil when it would not.
  var retryAfter: Int? {
    switch self {
    case .tooManyRequests, .unavailable: 1
    default: nil
    }
  }
}
