public import JSONKit

/// Names of groups and streams as CloudWatch Logs allows them.
enum LogNames {
  static let group = ShapeReader.Rule("[\\.\\-_/#A-Za-z0-9]+") { name in
    name.utf8.allSatisfy { byte in
      switch byte {
      case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
        UInt8(ascii: "0")...UInt8(ascii: "9"):
        true
      default: ".-_/#".utf8.contains(byte)
      }
    }
  }
  static let stream = ShapeReader.Rule("[^:*]*") { !$0.utf8.contains(UInt8(ascii: ":")) && !$0.contains("*") }
  static let length = 1...512
}

/// Reads a request of CloudWatch Logs: faults are InvalidParameterExceptions there.
private func logRequest<Request>(
  _ json: JSON, _ read: (inout ShapeReader) -> Request
) throws(ServiceError) -> Request {
  var reader = try ShapeReader(request: json)
  let request = read(&reader)
  do { try reader.finish() } catch {
    throw error.code == .validation ? ServiceError(.invalidParameter, error.message) : error
  }
  return request
}

extension ShapeReader {
  /// The group's name, which some requests give as an ARN (`…:log-group:NAME[:*]`).
  fileprivate mutating func group(_ json: JSON, required: Bool = true) -> String {
    if let identifier = string(json, "logGroupIdentifier", at: "logGroupIdentifier", length: 1...2048) {
      let parts = identifier.split(separator: ":", omittingEmptySubsequences: false)
      let name = parts.count > 6 && parts[0] == "arn" ? String(parts[6]) : identifier
      check(name, at: "logGroupIdentifier", length: LogNames.length, rule: LogNames.group)
      return name
    }
    return string(
      json, "logGroupName", at: "logGroupName", required: required, length: LogNames.length, rule: LogNames.group) ?? ""
  }

  fileprivate mutating func stream(_ json: JSON) -> String {
    string(
      json, "logStreamName", at: "logStreamName", required: true, length: LogNames.length, rule: LogNames.stream) ?? ""
  }

  /// Milliseconds since 1970.
  fileprivate mutating func time(_ json: JSON, _ name: String) -> Int64? {
    integer(json, name, at: name, in: 0...(1 << 42))
  }
}

/// PutRetentionPolicy, and DeleteRetentionPolicy without days.
public struct RetentionPolicyRequest: Sendable, Equatable {
  public let group: String
  /// Nil: for ever.
  public let days: Int?

  /// What CloudWatch Logs allows.
  private static let allowed: [Int64] = [
    1, 3, 5, 7, 14, 30, 60, 90, 120, 150, 180, 365, 400, 545, 731, 1096, 1827, 2192, 2557, 2922, 3288, 3653,
  ]

  public init(json: JSON, hasDays: Bool) throws(ServiceError) {
    (group, days) = try logRequest(json) { reader in
      let group = reader.group(json)
      guard hasDays else { return (group, nil) }
      let days = reader.integer(json, "retentionInDays", at: "retentionInDays", in: 1...3653, required: true)
      if let days, !Self.allowed.contains(days) {
        reader.fault("\(days)", at: "retentionInDays", "Member must satisfy enum value set: \(Self.allowed)")
      }
      return (group, days.map { Int($0) })
    }
  }
}

/// CreateLogGroup, DeleteLogGroup; CreateLogStream, DeleteLogStream with a stream.
public struct LogNameRequest: Sendable, Equatable {
  public let group: String
  /// Nil in requests about a whole group.
  public let stream: String?

  public init(json: JSON, hasStream: Bool) throws(ServiceError) {
    self = try logRequest(json) { Self(group: $0.group(json), stream: hasStream ? $0.stream(json) : nil) }
  }

  private init(group: String, stream: String?) { (self.group, self.stream) = (group, stream) }
}

public struct DescribeLogGroupsRequest: Sendable, Equatable {
  public var prefix = ""
  /// A part of the name, in any case.
  public var part = ""
  public var after: String?
  public var limit = 50

  public init(json: JSON) throws(ServiceError) {
    self = try logRequest(json) { reader in
      var request = Self()
      request.prefix =
        reader.string(json, "logGroupNamePrefix", at: "logGroupNamePrefix", length: LogNames.length) ?? ""
      request.part = reader.string(json, "logGroupNamePattern", at: "logGroupNamePattern", length: 0...512) ?? ""
      request.after = reader.string(json, "nextToken", at: "nextToken", length: 1...1024)
      request.limit = reader.integer(json, "limit", at: "limit", in: 1...50).map(Int.init) ?? 50
      return request
    }
  }

  private init() {}
}

public struct DescribeLogStreamsRequest: Sendable, Equatable {
  public var group = ""
  public var prefix = ""
  public var isByTime = false
  public var isDescending = false
  /// How many streams of the order were told already.
  public var skipped = 0
  public var limit = 50

  public init(json: JSON) throws(ServiceError) {
    self = try logRequest(json) { reader in
      var request = Self()
      request.group = reader.group(json)
      request.prefix =
        reader.string(json, "logStreamNamePrefix", at: "logStreamNamePrefix", length: LogNames.length) ?? ""
      let order = reader.choice(json, "orderBy", at: "orderBy", of: ["LogStreamName", "LastEventTime"])
      request.isByTime = order == "LastEventTime"
      if request.isByTime, !request.prefix.isEmpty {
        reader.fault("Cannot order by LastEventTime with a logStreamNamePrefix.")
      }
      request.isDescending = reader.flag(json, "descending", at: "descending") ?? false
      if let token = reader.string(json, "nextToken", at: "nextToken", length: 1...1024) {
        guard let skipped = Int(token), skipped >= 0 else {
          reader.fault("The specified nextToken is invalid.")
          return request
        }
        request.skipped = skipped
      }
      request.limit = reader.integer(json, "limit", at: "limit", in: 1...50).map(Int.init) ?? 50
      return request
    }
  }

  private init() {}
}

public struct GetLogEventsRequest: Sendable, Equatable {
  /// Where a page begins or ends.
  public enum Token: Sendable, Equatable {
    case forward(Int64)
    case backward(Int64)

    public var text: String {
      switch self {
      case .forward(let position): "f/\(position)"
      case .backward(let position): "b/\(position)"
      }
    }

    init?(_ text: String) {
      guard let position = Int64(text.dropFirst(2)), position >= 0 else { return nil }
      switch text.prefix(2) {
      case "f/": self = .forward(position)
      case "b/": self = .backward(position)
      default: return nil
      }
    }
  }

  public var group = ""
  public var stream = ""
  /// Inclusive, in milliseconds since 1970.
  public var start: Int64?
  /// Exclusive.
  public var end: Int64?
  public var token: Token?
  public var startsFromHead = false
  public var limit = 10_000

  public init(json: JSON) throws(ServiceError) {
    self = try logRequest(json) { reader in
      var request = Self()
      request.group = reader.group(json)
      request.stream = reader.stream(json)
      request.start = reader.time(json, "startTime")
      request.end = reader.time(json, "endTime")
      if let text = reader.string(json, "nextToken", at: "nextToken", length: 1...1024) {
        request.token = Token(text)
        if request.token == nil { reader.fault("The specified nextToken is invalid.") }
      }
      request.startsFromHead = reader.flag(json, "startFromHead", at: "startFromHead") ?? false
      request.limit = reader.integer(json, "limit", at: "limit", in: 1...10_000).map(Int.init) ?? 10_000
      return request
    }
  }

  private init() {}
}

public struct FilterLogEventsRequest: Sendable, Equatable {
  /// The event behind which a page begins, in the order of time, stream and place.
  public struct Position: Sendable, Equatable {
    public let time: Int64
    public let stream: String
    public let position: Int64

    public init(time: Int64, stream: String, position: Int64) {
      (self.time, self.stream, self.position) = (time, stream, position)
    }

    public var text: String { "\(time)/\(position)/\(stream)" }

    init?(_ text: String) {
      let parts = text.split(separator: "/", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, let time = Int64(parts[0]), let position = Int64(parts[1]) else { return nil }
      self.init(time: time, stream: String(parts[2]), position: position)
    }
  }

  public var group = ""
  /// Empty: all, or those with the prefix.
  public var streams: [String] = []
  public var prefix = ""
  public var start: Int64 = 0
  public var end: Int64?
  public var after: Position?
  public var filter: LogFilter
  public var limit = 10_000

  public init(json: JSON) throws(ServiceError) {
    filter = try LogFilter(json["filterPattern"]?.string ?? "")
    let filter = filter
    self = try logRequest(json) { reader in
      var request = Self(filter)
      request.group = reader.group(json)
      request.streams =
        reader.strings(json, "logStreamNames", at: "logStreamNames", count: 1...100, length: LogNames.length) ?? []
      request.prefix =
        reader.string(json, "logStreamNamePrefix", at: "logStreamNamePrefix", length: LogNames.length) ?? ""
      if !request.streams.isEmpty, !request.prefix.isEmpty {
        reader.fault("logStreamNames and logStreamNamePrefix cannot both be there.")
      }
      request.start = reader.time(json, "startTime") ?? 0
      request.end = reader.time(json, "endTime")
      if let text = reader.string(json, "nextToken", at: "nextToken", length: 1...2048) {
        request.after = Position(text)
        if request.after == nil { reader.fault("The specified nextToken is invalid.") }
      }
      request.limit = reader.integer(json, "limit", at: "limit", in: 1...10_000).map(Int.init) ?? 10_000
      return request
    }
  }

  private init(_ filter: LogFilter) { self.filter = filter }
}

public struct PutLogEventsRequest: Sendable, Equatable {
  public struct Event: Sendable, Equatable {
    /// Milliseconds since 1970.
    public let time: Int64
    public let message: String
  }

  /// Bytes of a batch, each event counting 26 bytes beside its message; as in CloudWatch.
  public static let largestBatch = 1 << 20
  public static let eventOverhead = 26

  public var group = ""
  public var stream = ""
  public var events: [Event] = []

  public init(json: JSON) throws(ServiceError) {
    self = try logRequest(json) { reader in
      var request = Self()
      request.group = reader.group(json)
      request.stream = reader.stream(json)
      let items = reader.structures(json, "logEvents", at: "logEvents", count: 1...10_000, required: true) ?? []
      request.events = items.map { path, item in
        Event(
          time: reader.integer(item, "timestamp", at: "\(path).timestamp", in: 0...(1 << 42), required: true) ?? 0,
          message: reader.string(item, "message", at: "\(path).message", required: true, length: 1...(1 << 20)) ?? "")
      }
      if zip(request.events, request.events.dropFirst()).contains(where: { $0.time > $1.time }) {
        reader.fault("Log events in a single PutLogEvents request must be in chronological order.")
      }
      let size = request.events.reduce(0) { $0 + $1.message.utf8.count + Self.eventOverhead }
      if size > Self.largestBatch {
        reader.fault("Upload too large: \(size) bytes exceeds limit of \(Self.largestBatch)")
      }
      return request
    }
  }

  private init() {}
}
