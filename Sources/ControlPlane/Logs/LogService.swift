import HostKit
public import JSONKit
import Persistence
import Resources
public import Wire

/// CloudWatch Logs: what jobs and workers print, and groups that clients make for their own.
public struct LogService: Sendable {
  private static let arn = "arn:aws:logs"

  let store: Store
  let platform: PlatformLogs
  let account: String

  init(_ parts: DaemonParts) {
    store = parts.store
    account = parts.account
    platform = PlatformLogs(store: parts.store, home: parts.home, threads: parts.objectThreads)
  }

  // MARK: Groups

  public func describeGroups(_ request: DescribeLogGroupsRequest, region: String) async throws -> JSON {
    let own = try await store.logGroups().map { ($0.name, $0.createdAt.milliseconds, $0.retentionDays) }
    let others = try await platform.groups().map { ($0.name, $0.created, Int?.none) }
    let all = (own + others).map { (name: $0.0, created: $0.1, days: $0.2) }.filter { group in
      group.name.hasPrefix(request.prefix)
        && (request.part.isEmpty || group.name.lowercased().contains(request.part.lowercased()))
        && request.after.map { group.name > $0 } ?? true
    }.sorted { $0.name < $1.name }
    let page = all.prefix(request.limit)
    let rows = page.map { group -> JSON in
      let arn = "\(Self.arn):\(region):\(account):log-group:\(group.name)"
      return .members([
        "logGroupName": .string(group.name), "creationTime": .integer(group.created),
        "retentionInDays": group.days.map { .integer(Int64($0)) }, "metricFilterCount": 0,
        "arn": .string("\(arn):*"), "logGroupArn": .string(arn), "storedBytes": 0, "logGroupClass": "STANDARD",
      ])
    }
    return .members([
      "logGroups": .array(Array(rows)),
      "nextToken": all.count > page.count ? page.last.map { .string($0.name) } : nil,
    ])
  }

  public func createGroup(_ request: LogNameRequest) async throws {
    try checkIsOwn(request.group)
    guard try await store.createLogGroup(request.group, at: .now()) else {
      throw ServiceError(.resourceAlreadyExists, "The specified log group already exists")
    }
  }

  public func deleteGroup(_ request: LogNameRequest) async throws {
    try checkIsOwn(request.group)
    guard try await store.deleteLogGroup(request.group) else { throw Self.noGroup }
  }

  /// What is older goes at once, later with the next events of its stream.
  public func setRetention(_ request: RetentionPolicyRequest) async throws {
    try checkIsOwn(request.group)
    guard try await store.keepLogEvents(of: request.group, days: request.days, at: .now()) else { throw Self.noGroup }
  }

  // MARK: Streams

  public func createStream(_ request: LogNameRequest) async throws {
    try checkIsOwn(request.group)
    try await requireOwn(request.group)
    guard try await store.createLogStream(request.stream ?? "", in: request.group, at: .now()) else {
      throw ServiceError(.resourceAlreadyExists, "The specified log stream already exists")
    }
  }

  public func deleteStream(_ request: LogNameRequest) async throws {
    try checkIsOwn(request.group)
    try await store.deleteLogStream(try await ownStream(request.stream ?? "", in: request.group).id)
  }

  public func describeStreams(_ request: DescribeLogStreamsRequest, region: String) async throws -> JSON {
    var all = try await streams(in: request.group, prefix: request.prefix)
    if request.isByTime { all.sort { ($0.last ?? 0, $0.name) < ($1.last ?? 0, $1.name) } }
    if request.isDescending { all.reverse() }
    let page = all.dropFirst(request.skipped).prefix(request.limit)
    let rows = page.map { stream -> JSON in
      .members([
        "logStreamName": .string(stream.name), "creationTime": .integer(stream.created),
        "firstEventTimestamp": stream.first.map { .integer($0) },
        "lastEventTimestamp": stream.last.map { .integer($0) },
        "lastIngestionTime": stream.ingested.map { .integer($0) }, "uploadSequenceToken": "0",
        "arn": .string("\(Self.arn):\(region):\(account):log-group:\(request.group):log-stream:\(stream.name)"),
        "storedBytes": .integer(stream.size),
      ])
    }
    let told = request.skipped + page.count
    return .members([
      "logStreams": .array(Array(rows)),
      // Only when there really is more: the SageMaker SDK asks for ever otherwise.
      "nextToken": told < all.count ? .string("\(told)") : nil,
    ])
  }

  /// In the order of their names.
  private func streams(in group: String, prefix: String) async throws -> [LogStreamSummary] {
    if let streams = try await platform.streams(in: group, prefix: prefix) {
      return streams.sorted { $0.name < $1.name }
    }
    try await requireOwn(group)
    return try await store.logStreams(in: group).filter { $0.name.hasPrefix(prefix) }.map {
      LogStreamSummary(
        name: $0.name, created: $0.createdAt.milliseconds, first: $0.first, last: $0.last,
        ingested: $0.ingestedAt?.milliseconds, size: 0)
    }
  }

  /// Names of the streams that have events at or behind a time.
  func describeStreamNames(in group: String, prefix: String, since time: Int64) async throws -> [String] {
    try await streams(in: group, prefix: prefix).filter { $0.last.map { $0 >= time } ?? false }.map(\.name)
  }

  func stream(_ name: String, in group: String) async throws -> any EventStream {
    if let stream = try await platform.stream(name, in: group) { return stream }
    guard !group.hasPrefix(PlatformLogs.prefix) else { throw Self.noStream }
    return StoredStream(id: try await ownStream(name, in: group).id, store: store)
  }

  // MARK: Events

  public func put(_ request: PutLogEventsRequest) async throws -> JSON {
    try checkIsOwn(request.group)
    let stream = try await ownStream(request.stream, in: request.group)
    try await store.append(request.events.map { ($0.time, $0.message) }, toLogStream: stream.id, at: .now())
    // Long without a meaning, and still a member that clients read.
    return ["nextSequenceToken": "0"]
  }

  public func events(_ request: GetLogEventsRequest) async throws -> JSON {
    let stream = try await stream(request.stream, in: request.group)
    let start = try await request.start.asyncMap(stream.position(ofTime:)) ?? 0
    let end = try await request.end.asyncMap(stream.position(ofTime:)) ?? .max
    var events: [LogEvent]
    switch request.token ?? (request.startsFromHead ? .forward(start) : .backward(end)) {
    case .forward(let position): events = try await stream.events(from: max(position, start), limit: request.limit)
    case .backward(let position): events = try await stream.events(before: min(position, end), limit: request.limit)
    }
    events = events.filter { ($0.time >= request.start ?? 0) && ($0.time < request.end ?? .max) }
    let forward = events.last.map { GetLogEventsRequest.Token.forward($0.next) }
    let backward = events.first.map { GetLogEventsRequest.Token.backward($0.position) }
    // At either end the token is the one that came: that is how clients know that there is no more.
    let (beyond, before) = Self.ends(request.token, start: start)
    return [
      "events": .array(
        events.map {
          [
            "timestamp": .integer($0.time), "message": .string($0.message), "ingestionTime": .integer($0.ingested),
          ]
        }),
      "nextForwardToken": .string((forward ?? beyond).text),
      "nextBackwardToken": .string((backward ?? before).text),
    ]
  }

  private static func ends(
    _ token: GetLogEventsRequest.Token?, start: Int64
  ) -> (GetLogEventsRequest.Token, GetLogEventsRequest.Token) {
    switch token {
    case nil: (.forward(start), .backward(start))
    case .forward(let position)?: (.forward(position), .backward(position))
    case .backward(let position)?: (.forward(position), .backward(position))
    }
  }

  // MARK: Refusals

  static let noGroup = ServiceError(.resourceNotFound, "The specified log group does not exist.")
  static let noStream = ServiceError(.resourceNotFound, "The specified log stream does not exist.")

  private func checkIsOwn(_ group: String) throws(ServiceError) {
    guard !group.hasPrefix(PlatformLogs.prefix) else {
      throw ServiceError(
        .invalidParameter,
        "The log group '\(group)' holds what jobs and workers print: it is made, written and deleted by the daemon. "
          + "Groups of your own may have any name that does not begin with \(PlatformLogs.prefix).")
    }
  }

  private func requireOwn(_ group: String) async throws {
    guard try await store.logGroups().contains(where: { $0.name == group }) else { throw Self.noGroup }
  }

  private func ownStream(_ name: String, in group: String) async throws -> LogStreamRecord {
    try await requireOwn(group)
    guard let stream = try await store.logStreams(in: group, named: name).first else { throw Self.noStream }
    return stream
  }
}

extension Optional where Wrapped: Sendable {
  fileprivate func asyncMap<Result>(_ body: (Wrapped) async throws -> Result) async throws -> Result? {
    guard let self else { return nil }
    return try await body(self)
  }
}
