/// One request, as libcurl sends it.
public struct CurlRequest: Sendable {
  public enum Body: Sendable, Equatable {
    case none
    case bytes([UInt8])
    /// The content of a file, sent without holding it in memory.
    case file(String)
  }

  public var method: String
  /// Path and query, already percent-encoded, with a leading slash.
  public var path: String
  public var headers: [(String, String)]
  public var body: Body
  /// False for a request that must not be sent twice: libcurl repeats one whose kept-open connection turns out dead.
  public var isRepeatable: Bool
  /// For the whole of it, answer included; 0: no limit.
  public var timeoutSeconds: Int
  /// The longest answer that is held, in bytes.
  public var answerLimit: Int

  public init(
    method: String, path: String, headers: [(String, String)] = [], body: Body = .none, isRepeatable: Bool = true,
    timeoutSeconds: Int = 330, answerLimit: Int
  ) {
    self.method = method
    self.path = path
    self.headers = headers
    self.body = body
    self.isRepeatable = isRepeatable
    self.timeoutSeconds = timeoutSeconds
    self.answerLimit = answerLimit
  }
}
