import HostKit
import Persistence
import Resources
import Wire

/// One stream as DescribeLogStreams tells it; times in milliseconds since 1970.
struct LogStreamSummary: Sendable {
  let name: String
  let created: Int64
  let first: Int64?
  let last: Int64?
  let ingested: Int64?
  let size: Int64
}

/// The groups that hold what jobs and workers print. Nobody makes them; they are there with what prints.
struct PlatformLogs: Sendable {
  static let prefix = "/aws/sagemaker/"
  static let trainingJobs = "/aws/sagemaker/TrainingJobs"
  static let transformJobs = "/aws/sagemaker/TransformJobs"
  private static let endpoints = "/aws/sagemaker/Endpoints/"

  let store: Store
  let home: Home
  let threads: BlockingThreads

  /// A stream and the file it lies in.
  private struct Source: Sendable {
    let name: String
    let created: Int64
    let file: LogFile
  }

  func groups() async throws -> [(name: String, created: Int64)] {
    // The two that are always there are as old as the time that is counted.
    let fixed = [(name: Self.trainingJobs, created: Int64(0)), (name: Self.transformJobs, created: 0)]
    return fixed
      + (try await store.allEndpointNames().map {
        (name: Self.endpoints + $0.name, created: $0.createdAt.milliseconds)
      })
  }

  /// The streams of a group whose names begin so; nil when there is no such group.
  func streams(in group: String, prefix: String) async throws -> [LogStreamSummary]? {
    guard let sources = try await sources(in: group, prefix: prefix) else { return nil }
    return try await threads.run {
      sources.compactMap { source in
        guard source.file.size > 0, let span = source.file.span else { return nil }
        return LogStreamSummary(
          name: source.name, created: source.created, first: span.lowerBound, last: span.upperBound,
          ingested: span.upperBound, size: source.file.size)
      }
    }
  }

  /// A stream by its whole name; nil when group or stream is not there.
  func stream(_ name: String, in group: String) async throws -> FileStream? {
    let source = try await sources(in: group, prefix: name)?.first { $0.name == name }
    guard let source, source.file.span != nil else { return nil }
    return FileStream(file: source.file, threads: threads)
  }

  private func sources(in group: String, prefix: String) async throws -> [Source]? {
    switch group {
    case Self.trainingJobs: return try await ofTrainingJobs(prefix)
    case Self.transformJobs: return try await ofTransformJobs(prefix)
    default:
      guard group.hasPrefix(Self.endpoints) else { return nil }
      return try await ofEndpoint(String(group.dropFirst(Self.endpoints.count)), prefix)
    }
  }

  private func ofTrainingJobs(_ prefix: String) async throws -> [Source] {
    var sources: [Source] = []
    for name in try await names(prefix, all: { try await store.allTrainingJobNames() }) {
      guard let job = try await store.trainingJob(named: name) else { continue }
      let stream = "\(job.name)/algo-1-\(job.createdAt.milliseconds / 1000)"
      guard stream.hasPrefix(prefix) else { continue }
      sources.append(
        Source(
          name: stream, created: job.createdAt.milliseconds,
          file: LogFile(path: home.log(job.name), isComplete: job.status.isTerminal)))
    }
    return sources
  }

  private func ofTransformJobs(_ prefix: String) async throws -> [Source] {
    var sources: [Source] = []
    for name in try await names(prefix, all: { try await store.allTransformJobNames() }) {
      guard let job = try await store.transformJob(named: name) else { continue }
      let folder = home.transform(job.name)
      let seconds = job.createdAt.milliseconds / 1000
      for entry in try await entries(of: folder) where entry == "log" || entry.hasPrefix("log-") {
        guard !entry.hasSuffix(".index") else { continue }
        let number = entry == "log" ? "1" : String(entry.dropFirst(4))
        let stream = "\(job.name)/i-\(number)-\(seconds)"
        guard stream.hasPrefix(prefix) else { continue }
        sources.append(
          Source(
            name: stream, created: job.createdAt.milliseconds,
            file: LogFile(path: "\(folder)/\(entry)", isComplete: job.status.isTerminal)))
      }
    }
    return sources
  }

  private func ofEndpoint(_ name: String, _ prefix: String) async throws -> [Source]? {
    guard let endpoint = try await store.endpoint(named: name), endpoint.name == name else { return nil }
    let folder = "\(home.endpoint(name))/logs"
    var sources: [Source] = []
    for variant in try await entries(of: folder) {
      for instance in try await entries(of: "\(folder)/\(variant)") where "\(variant)/\(instance)".hasPrefix(prefix) {
        sources.append(
          Source(
            name: "\(variant)/\(instance)", created: endpoint.createdAt.milliseconds,
            file: LogFile(path: "\(folder)/\(variant)/\(instance)/log", isComplete: false)))
      }
    }
    return sources
  }

  /// The jobs that a prefix can mean: one when it says a whole name, as clients' prefixes do.
  private func names(_ prefix: String, all: () async throws -> Set<String>) async throws -> [String] {
    if let slash = prefix.firstIndex(of: "/") { return [String(prefix[..<slash])] }
    return try await all().filter { $0.hasPrefix(prefix) }.sorted()
  }

  private func entries(of folder: String) async throws -> [String] {
    try await threads.run { Files.exists(folder) ? try Files.names(in: folder).sorted() : [] }
  }
}

/// A stream of a client's own group.
struct StoredStream: EventStream {
  let id: Int64
  let store: Store

  func events(from position: Int64, limit: Int) async throws -> [LogEvent] {
    let records = try await store.logEvents(ofStream: id, from: position, limit: limit)
    return Array(Self.events(records).prefix(while: Self.counter()))
  }

  func events(before position: Int64, limit: Int) async throws -> [LogEvent] {
    let records = try await store.logEvents(ofStream: id, from: position, backward: true, limit: limit)
    return Self.events(records).reversed().prefix(while: Self.counter()).reversed()
  }

  func position(ofTime time: Int64) async throws -> Int64 { LogEventRecord.position(ofTime: time) }

  private static func events(_ records: [LogEventRecord]) -> [LogEvent] {
    records.map {
      LogEvent(
        position: $0.position, next: $0.position + 1, time: $0.time, ingested: $0.ingestedAt.milliseconds,
        message: $0.message)
    }
  }

  /// True until an answer is full.
  private static func counter() -> (LogEvent) -> Bool {
    var size = 0
    return { event in
      defer { size += event.message.utf8.count + LogPage.overhead }
      return size == 0 || size + event.message.utf8.count + LogPage.overhead <= LogPage.bytes
    }
  }
}
