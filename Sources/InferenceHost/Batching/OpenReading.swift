import Handwriting

/// A request that is being answered: what has been read of it so far.
struct OpenReading {
  typealias Instant = ContinuousClock.Instant

  private var readings: [WordReading?]
  private var missing: Int
  private let submitted: Instant
  private(set) var started: Instant?

  init(count: Int, at now: Instant) {
    readings = Array(repeating: nil, count: count)
    missing = count
    submitted = now
  }

  mutating func start(at now: Instant) { started = started ?? now }

  /// - Returns: the report when this was the last word of the request.
  mutating func take(_ reading: WordReading, at index: Int, now: Instant) -> ReadingReport? {
    if readings[index] == nil { missing -= 1 }
    readings[index] = reading
    return missing == 0 ? report(at: now) : nil
  }

  func report(at now: Instant) -> ReadingReport {
    let begin = started ?? now
    return ReadingReport(readings: readings.compactMap(\.self), queued: begin - submitted, read: now - begin)
  }
}

/// The readings of one request, in the order of its images, and where its time went.
struct ReadingReport: Sendable, Equatable {
  var readings: [WordReading]
  /// From submission to the start of the first batch with a word of it.
  var queued: Duration
  /// From there to the end of the last.
  var read: Duration
}
