/// Why no whole answer came.
public enum CurlError: Error, Sendable, Equatable {
  /// Nobody listens there: the request was certainly not carried out.
  case unreachable(reason: String)
  /// The connection was lost after the request was sent: it may or may not have been carried out.
  case interrupted(reason: String)
  case timedOut(seconds: Int)
  /// The answer is longer than the request allows.
  case tooLarge(limit: Int)
  /// The answer is no HTTP, or the other side is not who it should be.
  case malformed(reason: String)
  /// The request could not even be put together (a file that cannot be read, an impossible path).
  case unsendable(reason: String)
  /// The sink wanted no more.
  case refusedBySink
}
