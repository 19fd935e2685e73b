import ArgumentParser
import Client
import HostKit
import JSONKit

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show everything about a training job.",
    discussion: """
      EXAMPLES:
        htrctl describe train-2026-07-01-12-00-00-000
        htrctl describe train-2026-07-01-12-00-00-000 --events
        htrctl describe train-2026-07-01-12-00-00-000 --output json
      """)

  @Argument(help: "The job's name.") var job: String
  @Flag(help: "Also show what htrd recorded about the job.") var events = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let record = try common.client.trainingJob(job)
    let recorded = events ? try common.client.events(of: job) : []
    if common.isJSON {
      guard var members = record.described.object else { return printJSON(record.described) }
      if events { members["Events"] = .array(recorded) }
      return printJSON(.object(members))
    }
    let terminal = Terminal.current
    for section in JobDescription(record: record, events: recorded).sections {
      terminal.print(terminal.styled(section.title, .bold))
      for line in section.lines { terminal.print("  " + line) }
    }
  }
}

/// A job's record as sections of lines for people.
struct JobDescription {
  struct Section: Equatable {
    let title: String
    let lines: [String]
  }

  let record: TrainingJobRecord
  let events: [JSON]

  var sections: [Section] {
    [
      Section(title: record.name, lines: head), Section(title: "Request", lines: request),
      Section(title: "Resources", lines: resources), Section(title: "Transitions", lines: transitions),
      Section(title: "Attempts", lines: attempts), Section(title: "Results", lines: results),
      Section(title: "Events", lines: eventLines),
    ].filter { !$0.lines.isEmpty }
  }

  private var job: JSON { record.job }

  private var head: [String] {
    Self.aligned([
      ("status", record.status),
      ("detail", record.secondaryStatus == record.status ? nil : record.secondaryStatus),
      ("reason", job["FailureReason"]?.string), ("pending because", record.htr["PendingReason"]?.string),
      ("created", Self.time(job["CreationTime"])), ("started", Self.time(job["TrainingStartTime"])),
      ("ended", Self.time(job["TrainingEndTime"])), ("runtime", record.htr["Runtime"]?.string),
      ("priority", record.htr["Priority"]?.integer.map(String.init)),
      ("arn", job["TrainingJobArn"]?.string), ("log", record.htr["LogPath"]?.string),
    ])
  }

  private var request: [String] {
    let algorithm = job["AlgorithmSpecification"]
    var rows: [(String, String?)] = [
      ("image", algorithm?["TrainingImage"]?.string), ("algorithm", algorithm?["AlgorithmName"]?.string),
      ("command", Self.words(algorithm)),
    ]
    for channel in job["InputDataConfig"]?.array ?? [] {
      let uri = channel["DataSource"]?["S3DataSource"]?["S3Uri"]?.string
      rows.append(("input \(channel["ChannelName"]?.string ?? "")", uri))
    }
    for (key, value) in job["HyperParameters"]?.object?.members ?? [] {
      rows.append((key, value.string ?? value.text))
    }
    rows.append(("output", job["OutputDataConfig"]?["S3OutputPath"]?.string))
    rows.append(("checkpoints", job["CheckpointConfig"]?["S3Uri"]?.string))
    return Self.aligned(rows)
  }

  private static func words(_ algorithm: JSON?) -> String? {
    let parts =
      (algorithm?["ContainerEntrypoint"]?.array ?? []) + (algorithm?["ContainerArguments"]?.array ?? [])
    return parts.isEmpty ? nil : parts.compactMap(\.string).map(shellQuoted).joined(separator: " ")
  }

  private var resources: [String] {
    let resources = record.htr["Resources"]
    return Self.aligned([
      ("instance type", job["ResourceConfig"]?["InstanceType"]?.string),
      ("cpus", resources?["Cpus"]?.number.map(AmountText.number)),
      ("memory", resources?["MemoryBytes"]?.integer.map(AmountText.bytes)),
      ("gpus", resources?["Gpus"]?.number.map(AmountText.number)),
      ("note", resources?["Note"]?.string),
      (
        "longest run",
        job["StoppingCondition"]?["MaxRuntimeInSeconds"]?.number.map {
          AmountText.duration(seconds: $0)
        }
      ),
    ])
  }

  private var transitions: [String] {
    var table = Table(columns: [
      .init(title: "STATUS"), .init(title: "FROM"), .init(title: "FOR", isNumeric: true), .init(title: "MESSAGE"),
    ])
    table.rows = (job["SecondaryStatusTransitions"]?.array ?? []).map { transition in
      let start = transition["StartTime"]?.number
      let end = transition["EndTime"]?.number
      let length = start.flatMap { start in end.map { AmountText.duration(seconds: $0 - start) } }
      return [
        transition["Status"]?.string ?? "", Self.time(transition["StartTime"]) ?? "", length ?? "",
        transition["StatusMessage"]?.string ?? "",
      ]
    }
    return table.rows.isEmpty ? [] : table.lines(width: nil)
  }

  private var attempts: [String] {
    var table = Table(columns: [
      .init(title: "NO", isNumeric: true), .init(title: "STARTED"), .init(title: "FOR", isNumeric: true),
      .init(title: "ENDED BY"), .init(title: "CPU", isNumeric: true), .init(title: "PEAK MEMORY", isNumeric: true),
    ])
    table.rows = (record.htr["Attempts"]?.array ?? []).map { attempt in
      let start = attempt["StartedAt"]?.number
      let end = attempt["EndedAt"]?.number
      let cause =
        attempt["Signal"]?.integer.map { "signal \($0)" }
        ?? attempt["ExitCode"]?.integer.map { "exit \($0)" }
      return [
        attempt["Number"]?.integer.map(String.init) ?? "", Self.time(attempt["StartedAt"]) ?? "",
        start.flatMap { start in end.map { AmountText.duration(seconds: $0 - start) } } ?? "", cause ?? "",
        attempt["CpuSeconds"]?.number.map { AmountText.duration(seconds: $0) } ?? "",
        attempt["PeakMemoryBytes"]?.integer.map(AmountText.bytes) ?? "",
      ]
    }
    return table.rows.isEmpty ? [] : table.lines(width: nil)
  }

  private var results: [String] {
    Self.aligned(
      Outcome(record).lines().filter { !["job", "status", "reason"].contains($0.label) }
        .map { ($0.label, $0.text) })
  }

  private var eventLines: [String] {
    events.map { event in
      let detail = event["Detail"].map { $0.string ?? $0.text } ?? ""
      return Table.plain("\(Self.time(event["At"]) ?? "")  \(event["Kind"]?.string ?? "")  \(detail)")
    }
  }

  private static func time(_ value: JSON?) -> String? {
    value?.number.map { CalendarText.local(Timestamp(seconds: $0)) }
  }

  private static func aligned(_ rows: [(String, String?)]) -> [String] {
    let filled = rows.compactMap { label, text in text.flatMap { $0.isEmpty ? nil : (label, $0) } }
    let width = filled.map(\.0.count).max() ?? 0
    return filled.map { label, text in
      label + String(repeating: " ", count: width - label.count + 2) + Table.plain(text)
    }
  }
}
