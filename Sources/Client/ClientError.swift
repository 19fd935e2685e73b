/// Why no answer came from the daemon. An answer that says no is a `ServiceError`.
public enum ClientError: Error, Sendable, Equatable, CustomStringConvertible {
  /// Nobody listens on the socket: the request was certainly not carried out.
  case unreachable(home: String, reason: String)
  /// The connection was lost after the request was sent: it may or may not have been carried out.
  case interrupted(reason: String)
  /// No answer within the time allowed.
  case timedOut(seconds: Int)
  /// The answer is longer than this client is ready to hold.
  case tooLarge(limit: Int)
  /// The answer came whole, but it is not what the daemon promises.
  case malformed(reason: String)
  /// The request could not even be put together (a file that cannot be read, an impossible path).
  case unsendable(reason: String)

  public var description: String {
    switch self {
    case .unreachable(let home, let reason):
      "htrd is not running on \(home) (\(reason)): start it with `htrctl daemon start`"
    case .interrupted(let reason): "the connection to htrd was lost: \(reason)"
    case .timedOut(let seconds): "htrd did not answer within \(seconds) s"
    case .tooLarge(let limit): "htrd's answer is larger than \(limit) bytes"
    case .malformed(let reason): "htrd's answer cannot be understood: \(reason)"
    case .unsendable(let reason): "the request cannot be sent: \(reason)"
    }
  }

  /// True when the same request may well succeed once the daemon is back.
  public var isPassing: Bool {
    switch self {
    case .unreachable, .interrupted: true
    default: false
    }
  }
}

/// The daemon's refusal, under the name AWS gives it.
public struct ServiceError: Error, Sendable, Equatable, CustomStringConvertible {
  /// For instance `ValidationException` or `ResourceInUse`.
  public let code: String
  public let message: String
  /// The HTTP status: 4xx for the caller's fault, 5xx for the daemon's.
  public let status: Int
  /// What the daemon's log calls this request; empty when it gave none.
  public let requestId: String

  public init(code: String, message: String, status: Int, requestId: String = "") {
    self.code = code
    self.message = message
    self.status = status
    self.requestId = requestId
  }

  public var description: String { "\(code): \(message)" }

  /// True when the same request may succeed a moment later: the daemon is starting, stopping or short of something.
  public var isPassing: Bool { status >= 500 }
}
