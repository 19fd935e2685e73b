extension DaemonClient {
  /// The log as it is now, from byte `offset` to its end. Answers the offset after the last byte handed over.
  @discardableResult
  public func log(
    of name: String, from offset: Int64 = 0, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws -> Int64 {
    var next = offset
    try stream(logPath(name, offset, follow: false)) { bytes in
      next += Int64(bytes.count)
      return onBytes(bytes)
    }
    return next
  }

  /// The log from byte `offset`, live, until the job has ended and every byte was handed over exactly once.
  ///
  /// A lost connection or a restarted daemon is bridged: reading goes on at the very byte where it ended, the first
  /// try at once. `onOutage` runs once each time the daemon goes away. Throws when it stays away for longer than
  /// `patience`, or when the job is unknown. Answers the offset after the last byte.
  @discardableResult
  public func followLog(
    of name: String, from offset: Int64 = 0, patience: Patience = .usual,
    onOutage: (String) -> Void = { _ in }, onBytes: (UnsafeRawBufferPointer) -> Bool
  ) throws -> Int64 {
    var next = offset
    var outage = Outage(patience)
    var isWanted = true
    while true {
      do {
        try stream(logPath(name, next, follow: true)) { bytes in
          outage.end()
          next += Int64(bytes.count)
          isWanted = onBytes(bytes)
          return isWanted
        }
        // A daemon that shuts down in good order ends the stream too: only the job's own end ends the log.
        if !isWanted { return next }
        if try trainingJob(name).hasEnded { return next }
        guard outage.pause(because: nil, announce: onOutage) else {
          throw ClientError.interrupted(reason: "the log of \(name) ends although the job goes on")
        }
      } catch {
        guard isPassing(error), outage.pause(because: "\(error)", announce: onOutage) else {
          throw error
        }
      }
    }
  }

  private func logPath(_ name: String, _ offset: Int64, follow: Bool) -> String {
    "\(trainingJobPath(name))/log?offset=\(offset)&follow=\(follow)"
  }
}
