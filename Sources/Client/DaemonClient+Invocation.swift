import HostKit
import JSONKit

/// One request to an endpoint.
public struct Invocation: Sendable {
  public var endpoint: String
  public var body: RequestBody
  /// nil sends none: the worker decides what the bytes are.
  public var contentType: String?
  public var accept: String?
  public var targetVariant: String?
  public var customAttributes: String?
  /// Has the answer carry how long the parts took.
  public var wantsTiming = false

  public init(endpoint: String, body: RequestBody) {
    self.endpoint = endpoint
    self.body = body
  }

  var path: String { "/endpoints/\(percentEncoded(endpoint))/invocations" }

  var headers: [(String, String)] {
    // libcurl adds a Content-Type of its own to a POST; a name without a value takes it away.
    let fields = [
      ("Content-Type", contentType ?? ""), ("Accept", accept), ("X-Amzn-SageMaker-Target-Variant", targetVariant),
      ("X-Amzn-SageMaker-Custom-Attributes", customAttributes), ("X-Htr-Timing", wantsTiming ? "true" : nil),
    ]
    return fields.compactMap { name, value in value.map { (name, $0) } }
  }
}

extension DaemonClient {
  /// Sends a request to an endpoint and returns its whole answer, whatever its status.
  public func invoke(_ invocation: Invocation, timeoutSeconds: Int) throws(ClientError) -> Response {
    try send(
      "POST", invocation.path, headers: invocation.headers, body: invocation.body, timeoutSeconds: timeoutSeconds,
      isRepeatable: false)
  }

  /// The same, asked again after the pause that it names while the endpoint is busy and there is time. `onBusy` runs
  /// before each pause.
  public func invoke(
    _ invocation: Invocation, until deadline: ContinuousClock.Instant, onBusy: (Response, Duration) -> Void
  ) throws(ClientError) -> Response {
    while true {
      let left = max(.seconds(1), deadline - .now)
      let response = try invoke(invocation, timeoutSeconds: Int((left / .seconds(1)).rounded(.up)))
      guard let pause = response.pauseAsked, .now + pause < deadline else { return response }
      onBusy(response, pause)
      pause.sleep()
    }
  }
}

/// Why an endpoint did not answer with what was asked for.
public struct InvocationRefusal: Error, Sendable, Equatable {
  /// For instance `ModelError`, `ValidationError` or `ServiceUnavailable`.
  public let code: String
  public let message: String
  /// The HTTP status of the answer.
  public let status: Int
  /// The worker's own status and words, when it was the worker that refused.
  public let originalStatus: Int?
  public let originalMessage: String?

  /// nil when the answer is a success.
  public init?(_ response: Response) {
    guard let refusal = response.refusal else { return nil }
    // A body that is no JSON was told by `refusal` as it is.
    let body = try? response.json()
    code = refusal.code
    message = refusal.message
    status = refusal.status
    originalStatus = body?["OriginalStatusCode"]?.integer.map(Int.init)
    originalMessage = body?["OriginalMessage"]?.string
  }
}

extension Response {
  /// How long to wait before the same request; nil when it would be refused again.
  public var pauseAsked: Duration? {
    guard isBusy else { return nil }
    let seconds = headers["retry-after"].flatMap { Int($0) } ?? 1
    return min(max(.seconds(seconds), .milliseconds(50)), .seconds(10))
  }

  /// True when the daemon, the worker, or the worker through the daemon has too much to do.
  private var isBusy: Bool {
    let busy = [429, 503]
    return busy.contains(status) || status == 424 && busy.contains(InvocationRefusal(self)?.originalStatus ?? 0)
  }
}
