/// What one variant has done since it was first published, and does now.
public struct VariantFigures: Sendable, Equatable {
  public enum ErrorKind: String, Sendable, CaseIterable {
    /// The request was refused as bad, too large or not allowed.
    case client = "client"
    /// The worker answered 3xx or 4xx.
    case modelClient = "model_client"
    /// The worker answered 5xx, no HTTP, or broke off three times.
    case modelServer = "model_server"
    /// The worker did not answer in time.
    case timedOut = "timed_out"
    /// The line or the memory for bodies was full.
    case refused = "refused"
    /// No worker took the request within the time that requests may wait.
    case notReady = "not_ready"
    /// The client went away.
    case disconnected = "disconnected"
  }

  public var endpoint = ""
  public var variant = ""
  /// Requests that have ended, errors included.
  public var requests = 0
  public var errors: [ErrorKind: Int] = [:]
  /// Times that a request was sent to another worker because one broke off.
  public var retries = 0
  public var inFlight = 0
  public var inLine = 0
  /// From a request's first byte to the last of its answer.
  public var total = Histogram()
  /// From the whole request until a worker took it.
  public var queue = Histogram()
  /// From then until the worker's answer began: for a serial pipeline, of all its stages.
  public var compute = Histogram()
  public var bytesIn = 0
  public var bytesOut = 0

  public init() {}
}
