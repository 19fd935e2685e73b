import Client
import JSONKit

/// Follows a transform job to its end, fetches its outputs, and says what became of it.
struct TransformFinish {
  let name: String
  let common: CommonOptions
  /// Where the outputs go; nil: they stay where they are.
  let folder: String?

  /// Ends with the status that mirrors the job. Outputs that are there are fetched also from a job that failed.
  func wait() throws {
    let target = folder.map { " \(shellQuoted($0))" } ?? ""
    Interrupt.end(
      with:
        "\nDetached; \(name) goes on. Attach again with: htrctl attach transform \(name)\(target)\(common.homeArgument)\n"
    )
    guard let record = try TransformWatch(name, client: common.client).untilEnd() else { throw ExitStatus.timedOut }
    let fetched = try folder.map { try TransformFetch(job: name, client: common.client, folder: $0).run() }
    if common.isJSON {
      printJSON(record.described)
    } else {
      TransformDescription.show(outcome(record, fetched))
    }
    try ExitStatus(jobStatus: record.status).end()
  }

  private func outcome(_ record: TransformJobRecord, _ fetched: Int?) -> [(String, String?)] {
    let seconds = record.job["TransformEndTime"]?.number.flatMap { end in
      record.job["CreationTime"]?.number.map { end - $0 }
    }
    return [
      ("job", name), ("status", record.status + (seconds.map { " after \(AmountText.duration(seconds: $0))" } ?? "")),
      ("reason", record.failureReason), ("objects", TransformWatch.progress(record)),
      ("output", fetched.flatMap { count in folder.map { "\($0) (\(count) files)" } } ?? record.outputPath),
      ("next", record.status == "Failed" ? "htrctl logs transform \(name)\(common.homeArgument)" : nil),
    ]
  }

  /// Says how to come back.
  func detach() throws {
    if common.isJSON { return printJSON(try common.client.transformJob(name).described) }
    Terminal.current.print(name)
    Terminal.current.note("Wait for it with: htrctl wait transform \(name)\(common.homeArgument)")
  }
}

/// Follows a transform job by long polls and shows how far it is: one line that is overwritten on a screen, a line for
/// each change of status elsewhere.
struct TransformWatch {
  let name: String
  let client: DaemonClient
  let terminal: Terminal

  init(_ name: String, client: DaemonClient, terminal: Terminal = .current) {
    self.name = name
    self.client = client
    self.terminal = terminal
  }

  /// The record of the ended job; nil after the deadline. A daemon that is away for a while is waited for.
  func untilEnd(deadline: ContinuousClock.Instant? = nil) throws -> TransformJobRecord? {
    defer { terminal.clearPassing() }
    var last: TransformJobRecord?
    while true {
      let left = deadline.map { max(.zero, $0 - .now) }
      // Progress changes without the record: where a person watches, it is looked at again each second.
      let slice = min(left?.roundedUpSeconds ?? 300, terminal.notesOnScreen ? 1 : 300)
      let record = try client.persistently(
        onOutage: { terminal.announceOutage($0) },
        { try client.transformJob(name, newerThan: last?.version, timeoutSeconds: slice) })
      if record.hasEnded { return record }
      if let deadline, ContinuousClock.now >= deadline { return nil }
      let line = Self.line(record)
      if line != last.map(Self.line) { terminal.passing(line) }
      last = record
    }
  }

  /// `[pages] InProgress: 12 of 40 objects`
  static func line(_ record: TransformJobRecord) -> String {
    "[\(record.name)] \(record.status)" + (progress(record).map { ": \($0)" } ?? "")
  }

  /// `12 of 40 objects, 1 failed`
  static func progress(_ record: TransformJobRecord) -> String? {
    record.objects.map { objects in
      "\(objects.done) of \(objects.total) objects" + (objects.failed > 0 ? ", \(objects.failed) failed" : "")
    }
  }
}
