extension DaemonClient {
  /// The log as it is now, from byte `offset` to its end. Answers the offset after the last byte handed over.
  @discardableResult
  public func log(
    _ source: LogSource, from offset: Int64 = 0, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws -> Int64 {
    var next = offset
    try stream(source.path(from: offset, follow: false)) { bytes in
      next += Int64(bytes.count)
      return onBytes(bytes)
    }
    return next
  }

  /// The log from byte `offset`, live, until its source has ended and every byte was handed over exactly once.
  ///
  /// A lost connection or a restarted daemon is bridged: reading goes on at the very byte where it ended, the first
  /// try at once. `onOutage` runs once each time the daemon goes away. Throws when it stays away for longer than
  /// `patience`, or when the source is unknown. Answers the offset after the last byte.
  @discardableResult
  public func followLog(
    _ source: LogSource, from offset: Int64 = 0, patience: Patience = .usual,
    onOutage: (String) -> Void = { _ in }, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws -> Int64 {
    var next = offset
    var outage = Outage(patience)
    var isWanted = true
    while true {
      do {
        try stream(source.path(from: next, follow: true)) { bytes in
          outage.end()
          next += Int64(bytes.count)
          isWanted = onBytes(bytes)
          return isWanted
        }
        // A daemon that shuts down in good order ends the stream too: only the source's own end ends the log.
        if !isWanted { return next }
        if try source.hasEnded(self) { return next }
        guard outage.pause(because: nil, announce: onOutage) else {
          throw ClientError.interrupted(reason: "the log of \(source.name) ends although it goes on")
        }
      } catch {
        guard isPassing(error), outage.pause(because: "\(error)", announce: onOutage) else {
          throw error
        }
      }
    }
  }
}

extension DaemonClient {
  /// The log of a training job: see `log(_:from:onBytes:)`.
  @discardableResult
  public func log(
    of job: String, from offset: Int64 = 0, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws -> Int64 {
    try log(.job(job), from: offset, onBytes: onBytes)
  }

  /// The live log of a training job: see `followLog(_:from:patience:onOutage:onBytes:)`.
  @discardableResult
  public func followLog(
    of job: String, from offset: Int64 = 0, patience: Patience = .usual,
    onOutage: (String) -> Void = { _ in }, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws -> Int64 {
    try followLog(.job(job), from: offset, patience: patience, onOutage: onOutage, onBytes: onBytes)
  }
}

/// What writes a log.
public enum LogSource: Sendable, Equatable {
  case job(String)
  /// A worker of an endpoint; without `variant` and `instance` its first one.
  case endpoint(String, variant: String?, instance: String?)
  /// A worker of a transform job, from 1.
  case transform(String, worker: Int)

  var name: String {
    switch self {
    case .job(let name), .endpoint(let name, _, _), .transform(let name, _): name
    }
  }

  func path(from offset: Int64, follow: Bool) -> String {
    let range = "offset=\(offset)&follow=\(follow)"
    switch self {
    case .job(let name): return "/htr/v1/training-jobs/\(percentEncoded(name))/log?\(range)"
    case .endpoint(let name, let variant, let instance):
      let chosen = [("variant", variant), ("instance", instance)].compactMap { key, value in
        value.map { "\(key)=\(percentEncoded($0))&" }
      }
      return "/htr/v1/endpoints/\(percentEncoded(name))/log?\(chosen.joined())\(range)"
    case .transform(let name, let worker):
      return "/htr/v1/transform-jobs/\(percentEncoded(name))/log?worker=\(worker)&\(range)"
    }
  }

  /// Whether nothing more is written to it.
  func hasEnded(_ client: DaemonClient) throws -> Bool {
    switch self {
    case .job(let name): return try client.trainingJob(name).hasEnded
    case .transform(let name, _): return try client.transformJob(name).hasEnded
    // Its log goes on over the ends of single workers.
    case .endpoint(let name, _, _): return try client.endpointIfAny(name) == nil
    }
  }
}
