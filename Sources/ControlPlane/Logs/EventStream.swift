/// A line that something printed, or a client put.
struct LogEvent: Sendable, Equatable {
  /// Where it lies in its stream; grows from event to event.
  let position: Int64
  /// Where the next one may begin.
  let next: Int64
  /// Milliseconds since 1970.
  let time: Int64
  let ingested: Int64
  let message: String
}

/// A stream of events, whose order and times never change.
protocol EventStream: Sendable {
  /// Events from a position on: at most `limit`, and about as many as go into one answer.
  func events(from position: Int64, limit: Int) async throws -> [LogEvent]
  /// The last events before a position, in their order.
  func events(before position: Int64, limit: Int) async throws -> [LogEvent]
  /// Where the first event lies that is not before this time; beyond the last when all are.
  func position(ofTime time: Int64) async throws -> Int64
}

/// How much goes into one answer; as in CloudWatch.
enum LogPage {
  static let bytes = 1 << 20
  static let overhead = 26
}
