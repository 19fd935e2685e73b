import ArgumentParser
import Client
import HostKit
import JSONKit

struct TransformsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transforms",
    abstract: "List transform jobs, newest first.",
    discussion: """
      A time is a date (2026-07-01, 2026-07-01T12:00, with Z for UTC), epoch seconds, or an age (30m, 2h, 7d).

      EXAMPLES:
        htrctl transforms
        htrctl transforms --status Failed --output json
      """)

  @Option(help: "InProgress, Completed, Failed, Stopping or Stopped.") var status: String?
  @OptionGroup var listing: ListingOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    try listing.show(
      "ListTransformJobs", rows: "TransformJobSummaries", status: status, common: common,
      table: { Self.table($0, now: .now()) })
  }

  static func table(_ rows: [JSON], now: Timestamp) -> Table {
    var table = Table(columns: [
      .init(title: "NAME", mayShrink: true), .init(title: "STATUS"), .init(title: "CREATED"),
      .init(title: "TIME", isNumeric: true),
    ])
    table.rows = rows.map { row in
      let end = row["TransformEndTime"]?.number ?? now.seconds
      return [
        row["TransformJobName"]?.string ?? "", row["TransformJobStatus"]?.string ?? "",
        DescribedSection.time(row["CreationTime"]) ?? "",
        row["CreationTime"]?.number.map { AmountText.duration(seconds: end - $0) } ?? "",
      ]
    }
    return table
  }
}

struct AttachTransformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Watch a transform job to its end, and fetch its outputs.",
    discussion: """
      Ends with the job: 0 Completed, 1 Failed, 3 Stopped. Ctrl-C leaves the job running (130).

      EXAMPLES:
        htrctl attach transform pages-2026-07-01-12-00-00-000
        htrctl attach transform pages-2026-07-01-12-00-00-000 readings/
      """)

  @Argument(help: "The job's name.") var job: String
  @Argument(help: "A folder for the outputs (default: they stay where they are).") var folder: String?
  @OptionGroup var common: CommonOptions

  func run() throws {
    try TransformFinish(name: job, common: common, folder: folder.map { absolutePath($0) }).wait()
  }
}

struct WaitTransformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Wait until transform jobs have ended.",
    discussion: """
      Ends with 0 when all are Completed, 1 when one Failed, 3 when one was Stopped, 4 after the time-out.

      EXAMPLES:
        htrctl wait transform first second --timeout 600
      """)

  @Argument(help: "The jobs' names.") var names: [String]
  @Option(help: ArgumentHelp("Give up after this time.", valueName: "seconds")) var timeout: Double?
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if let timeout, !(timeout >= 0 && timeout < 1e9) {
      throw ValidationError("--timeout must be a number of seconds.")
    }
  }

  func run() throws {
    let deadline = timeout.map { ContinuousClock.now + .seconds($0) }
    var ended: [TransformJobRecord] = []
    for name in names {
      guard let record = try TransformWatch(name, client: common.client).untilEnd(deadline: deadline) else {
        let time = AmountText.duration(seconds: timeout ?? 0)
        Terminal.current.note("htrctl: wait: timed out after \(time). \(name) goes on.")
        throw ExitStatus.timedOut
      }
      ended.append(record)
    }
    if common.isJSON {
      printJSON(["TransformJobs": .array(ended.map(\.described))])
    } else {
      var table = Table(columns: [
        .init(title: "NAME"), .init(title: "STATUS"), .init(title: "REASON", mayShrink: true),
      ])
      table.rows = ended.map { [$0.name, $0.status, $0.failureReason ?? ""] }
      table.show()
    }
    try ExitStatus(jobStatuses: ended.map(\.status)).end()
  }
}

struct StopTransformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Stop transform jobs; outputs that are there stay there.",
    discussion: """
      EXAMPLES:
        htrctl stop transform pages-2026-07-01-12-00-00-000 --wait
      """)

  @Argument(help: "The jobs' names.") var jobs: [String]
  @Flag(help: "Return when the jobs have ended.") var wait = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let client = common.client
    for job in jobs { _ = try client.call("StopTransformJob", ["TransformJobName": .string(job)]) }
    var rows: [JSON] = []
    for job in jobs {
      // Without a deadline the wait ends with the job.
      let ended = wait ? try TransformWatch(job, client: client).untilEnd() : nil
      let record = try ended ?? client.transformJob(job)
      rows.append(["TransformJobName": .string(job), "TransformJobStatus": .string(record.status)])
      if !common.isJSON { Terminal.current.print("\(job)  \(record.status)") }
    }
    if common.isJSON { printJSON(["TransformJobs": .array(rows)]) }
  }
}

struct TransformLogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Print the log of a transform job's worker, byte for byte.",
    discussion: """
      EXAMPLES:
        htrctl logs transform pages-2026-07-01-12-00-00-000 --follow
        htrctl logs transform pages-2026-07-01-12-00-00-000 --worker 2 --tail 20
      """)

  @Argument(help: "The job's name.") var job: String
  @Option(help: "Which of its workers.") var worker = 1
  @OptionGroup var log: LogOptions
  @OptionGroup var common: CommonOptions

  func validate() throws {
    try LogOptions.refuseJSON(common)
    if worker < 1 { throw ValidationError("--worker counts from 1.") }
  }

  func run() throws { try log.print(.transform(job, worker: worker), client: common.client) }
}

struct DescribeTransformCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "transform",
    abstract: "Show everything about a transform job.",
    discussion: """
      EXAMPLES:
        htrctl describe transform pages-2026-07-01-12-00-00-000 --events
      """)

  @Argument(help: "The job's name.") var job: String
  @Flag(help: "Also show what htrd recorded about the job.") var events = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let record = try common.client.transformJob(job)
    let recorded = events ? try common.client.events(ofTransformJob: job) : []
    if common.isJSON {
      guard var members = record.described.object else { return printJSON(record.described) }
      if events { members["Events"] = .array(recorded) }
      return printJSON(.object(members))
    }
    DescribedSection.show(TransformDescription(record: record, events: recorded).sections)
  }
}
