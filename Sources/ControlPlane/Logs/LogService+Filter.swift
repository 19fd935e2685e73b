public import JSONKit
public import Wire

extension LogService {
  /// Streams that one search may go through.
  private static let mostStreams = 1000
  /// Events that one answer may be looked for among; then the client asks for the rest.
  private static let mostLookedAt = 200_000

  /// Events of several streams in the order of time, those that match a pattern.
  public func filter(_ request: FilterLogEventsRequest) async throws -> JSON {
    let names = try await names(request)
    let from = max(request.start, request.after?.time ?? 0)
    var cursors: [StreamCursor] = []
    for name in names {
      let stream = try await stream(name, in: request.group)
      var cursor = StreamCursor(name: name, stream: stream, position: try await stream.position(ofTime: from))
      try await cursor.fill()
      cursors.append(cursor)
    }
    var found: [JSON] = []
    var (size, lookedAt) = (0, 0)
    var last: FilterLogEventsRequest.Position?
    var isOver = false
    while found.count < request.limit, size < LogPage.bytes, lookedAt < Self.mostLookedAt {
      guard let index = Self.earliest(cursors), let event = cursors[index].next, event.time < request.end ?? .max else {
        isOver = true
        break
      }
      let place = FilterLogEventsRequest.Position(
        time: event.time, stream: cursors[index].name, position: event.position)
      try await cursors[index].step()
      guard event.time >= request.start, request.after.map({ Self.isBehind(place, $0) }) ?? true else { continue }
      lookedAt += 1
      last = place
      guard request.filter.matches(event.message) else { continue }
      size += event.message.utf8.count + LogPage.overhead
      found.append(Self.row(event, in: place.stream))
    }
    return .members([
      "events": .array(found),
      "searchedLogStreams": .array(names.map { ["logStreamName": .string($0), "searchedCompletely": .bool(isOver)] }),
      "nextToken": isOver ? nil : last.map { .string($0.text) },
    ])
  }

  private func names(_ request: FilterLogEventsRequest) async throws -> [String] {
    guard request.streams.isEmpty else { return Array(Set(request.streams)).sorted() }
    let description = try await describeStreamNames(in: request.group, prefix: request.prefix, since: request.start)
    guard description.count <= Self.mostStreams else {
      throw ServiceError(
        .invalidParameter,
        "\(description.count) streams of the log group '\(request.group)' fit; a search goes through at most "
          + "\(Self.mostStreams). Name them by logStreamNames or logStreamNamePrefix, or give a later startTime.")
    }
    return description
  }

  private static func earliest(_ cursors: [StreamCursor]) -> Int? {
    cursors.indices.filter { cursors[$0].next != nil }.min { left, right in
      guard let one = cursors[left].next, let other = cursors[right].next else { return false }
      return (one.time, cursors[left].name) < (other.time, cursors[right].name)
    }
  }

  private static func isBehind(
    _ place: FilterLogEventsRequest.Position, _ other: FilterLogEventsRequest.Position
  ) -> Bool {
    (place.time, place.stream, place.position) > (other.time, other.stream, other.position)
  }

  private static func row(_ event: LogEvent, in stream: String) -> JSON {
    // FNV-1a of the stream's name and the place in it: the same event has the same id for ever.
    let hash = stream.utf8.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
    return [
      "logStreamName": .string(stream), "timestamp": .integer(event.time), "message": .string(event.message),
      "ingestionTime": .integer(event.ingested), "eventId": .string("\(hash)\(event.position)"),
    ]
  }
}

/// Walks through a stream's events, some at a time.
private struct StreamCursor {
  private static let piece = 500

  let name: String
  let stream: any EventStream
  var position: Int64
  private var waiting: ArraySlice<LogEvent> = []

  init(name: String, stream: any EventStream, position: Int64) {
    (self.name, self.stream, self.position) = (name, stream, position)
  }

  var next: LogEvent? { waiting.first }

  mutating func fill() async throws {
    waiting = try await stream.events(from: position, limit: Self.piece)[...]
    position = waiting.last?.next ?? position
  }

  mutating func step() async throws {
    waiting.removeFirst()
    if waiting.isEmpty { try await fill() }
  }
}
