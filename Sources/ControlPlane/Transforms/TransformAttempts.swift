import Serving

/// What the model said to one request.
struct ModelAnswer: Sendable, Equatable {
  var contentType: String?
  var body: [UInt8]
}

/// What to do after each answer to one request of a transform job. Pure.
///
/// Workers that die are another matter than answers that say no: a request that was in the hand of a worker which somebody
/// killed is not the request's fault, so these are counted apart, and more of them are borne.
struct TransformAttempts {
  enum Ruling: Equatable {
    case answered(ModelAnswer)
    /// After a pause.
    case again(seconds: Double)
    case failed(reason: String)
  }

  private static let mostDeaths = 5
  private static let longestQuote = 500

  let mostRetries: Int
  private var retries = 0
  private var deaths = 0
  private var pauses = 0

  init(mostRetries: Int) { self.mostRetries = mostRetries }

  mutating func note(_ answer: WorkerAnswer, timeoutSeconds: Double) -> Ruling {
    switch answer {
    case .answered(let status, let contentType, let body):
      if (200..<300).contains(status) { return .answered(ModelAnswer(contentType: contentType, body: body)) }
      let reason = "Received \(status) from the model with message \"\(Self.quote(body))\"."
      guard status >= 500 || status == 429 else { return .failed(reason: "ClientError: \(reason)") }
      return retry("AlgorithmError: \(reason)")
    case .unreachable:
      // Nothing was sent. A worker that stays so is noticed by its health checks.
      return again()
    case .broken(let reason):
      deaths += 1
      guard deaths < Self.mostDeaths else {
        return .failed(reason: "AlgorithmError: \(deaths) workers ended while they worked on it; the last: \(reason).")
      }
      return again()
    case .malformed(let reason): return retry("AlgorithmError: The model's answer cannot be read: \(reason)")
    case .timedOut:
      return retry(
        "AlgorithmError: The model did not answer within \(timeoutSeconds) s (InvocationsTimeoutInSeconds).")
    case .tooLarge(let limit):
      return .failed(reason: "AlgorithmError: The model's answer is longer than \(limit >> 20) MiB.")
    }
  }

  private mutating func retry(_ reason: String) -> Ruling {
    retries += 1
    guard retries <= mostRetries else {
      let tries = retries > 1 ? " It was asked \(retries) times." : ""
      return .failed(reason: reason + tries)
    }
    return again()
  }

  private mutating func again() -> Ruling {
    pauses += 1
    return .again(seconds: min(5, 0.1 * Double(1 << min(pauses, 6))))
  }

  private static func quote(_ body: [UInt8]) -> String {
    String(decoding: body.prefix(longestQuote), as: UTF8.self).trimmingBlanks
  }
}

extension String {
  /// Without white space at the ends.
  fileprivate var trimmingBlanks: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace }) else {
      return ""
    }
    return String(self[first...last])
  }
}
