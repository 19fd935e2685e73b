import Client
import HostKit
import JSONKit

/// Watches one job from its first log byte to its end.
struct Attachment {
  let name: String
  let client: DaemonClient
  let common: CommonOptions

  /// Shows the log and the changes of status, then the outcome; ends with the status that mirrors the job.
  /// With JSON output the log goes to standard error, so that standard output is exactly one line.
  func run() throws {
    let terminal = Terminal.current
    let stream: Terminal.Stream = common.isJSON ? .notes : .output
    // An unknown job is told at once, before anything is printed.
    _ = try client.persistently { try client.knownJob(name) }
    Interrupt.end(
      with: "\nDetached; \(name) goes on. Attach again with: htrctl attach \(name)\(common.homeArgument)\n")

    let watch = StatusWatch(name: name, client: client, terminal: terminal)
    let watcher = try SideThread { try watch.untilEnd() }
    var lastByte = UInt8(ascii: "\n")
    let log = Result {
      try client.followLog(of: name, onOutage: { terminal.announceOutage($0) }) { bytes in
        lastByte = bytes.last ?? lastByte
        terminal.write(stream, bytes)
        return true
      }
    }
    let record = try watcher.join()
    _ = try log.get()
    if common.isJSON {
      printJSON(record.described)
    } else {
      if lastByte != UInt8(ascii: "\n") { terminal.print("") }
      Outcome(record).show(on: terminal)
    }
    try ExitStatus(jobStatus: record.status).end()
  }
}

/// Follows a job's status beside its log: one dim line on standard error for each change.
struct StatusWatch: Sendable {
  let name: String
  let client: DaemonClient
  let terminal: Terminal

  /// Answers the record of the ended job.
  func untilEnd() throws -> TrainingJobRecord {
    var version: Int64?
    var shown = ""
    while true {
      let known = version
      let record = try client.persistently {
        try client.trainingJob(name, newerThan: known, timeoutSeconds: 300)
      }
      version = record.version
      let line = Self.line(record)
      if line != shown { terminal.note(terminal.styled(line, .dim, on: .notes)) }
      shown = line
      if record.hasEnded { return record }
    }
  }

  static func line(_ record: TrainingJobRecord) -> String {
    let last = record.job["SecondaryStatusTransitions"]?.array?.last
    let message = last?["StatusMessage"]?.string ?? record.htr["PendingReason"]?.string ?? ""
    let text = "\(record.secondaryStatus)\(message.isEmpty ? "" : ": \(message)")"
    return "[\(record.name)] \(Table.plain(text))"
  }
}

/// How a job ended, for people.
struct Outcome {
  let record: TrainingJobRecord

  init(_ record: TrainingJobRecord) { self.record = record }

  func lines() -> [(label: String, text: String)] {
    let job = record.job
    var lines: [(String, String)] = []
    func add(_ label: String, _ text: String?) {
      if let text, !text.isEmpty { lines.append((label, text)) }
    }
    add("job", record.name)
    add("status", statusText)
    add("reason", job["FailureReason"]?.string)
    add("artifact", record.htr["ModelArtifactPath"]?.string)
    add("sha256", record.htr["ModelArtifactSha256"]?.string)
    add("output", record.htr["OutputArtifactPath"]?.string)
    let metrics = (job["FinalMetricDataList"]?.array ?? []).compactMap { metric -> String? in
      guard let name = metric["MetricName"]?.string, let value = metric["Value"]?.number else {
        return nil
      }
      return "\(name)=\(AmountText.number(value))"
    }
    add("metrics", metrics.joined(separator: " "))
    return lines
  }

  func show(on terminal: Terminal) {
    for (label, text) in lines() {
      let space = String(repeating: " ", count: 10 - label.count)
      terminal.print(terminal.styled(label, .dim) + space + Table.plain(text))
    }
  }

  private var statusText: String {
    let seconds =
      record.job["TrainingTimeInSeconds"]?.number
      ?? record.job["TrainingEndTime"]?.number.flatMap { end in
        record.job["TrainingStartTime"]?.number.map { end - $0 }
      }
    let detail = record.secondaryStatus == record.status ? "" : " (\(record.secondaryStatus))"
    return "\(record.status)\(detail)"
      + (seconds.map { " after \(AmountText.duration(seconds: $0))" } ?? "")
  }
}
