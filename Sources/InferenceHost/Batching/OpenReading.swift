/// A request that is being answered: what has been read of it so far.
struct OpenReading<Finding: Sendable> {
  typealias Instant = ContinuousClock.Instant

  private var findings: [Finding?]
  private var missing: Int
  private let submitted: Instant
  private(set) var started: Instant?

  init(count: Int, at now: Instant) {
    findings = Array(repeating: nil, count: count)
    missing = count
    submitted = now
  }

  mutating func start(at now: Instant) { started = started ?? now }

  /// - Returns: the report when this was the last item of the request.
  mutating func take(_ finding: Finding, at index: Int, now: Instant) -> ReadingReport<Finding>? {
    if findings[index] == nil { missing -= 1 }
    findings[index] = finding
    return missing == 0 ? report(at: now) : nil
  }

  func report(at now: Instant) -> ReadingReport<Finding> {
    let begin = started ?? now
    return ReadingReport(
      findings: findings.compactMap(\.self), queued: begin - submitted, read: now - begin)
  }
}

/// The findings of one request, in the order of its images, and where its time went.
struct ReadingReport<Finding: Sendable>: Sendable {
  var findings: [Finding]
  /// From submission to the start of the first batch with an item of it.
  var queued: Duration
  /// From there to the end of the last.
  var read: Duration
}
