import Client
import JSONKit

/// A job's record as sections of lines for people.
struct JobDescription {
  let record: TrainingJobRecord
  let events: [JSON]

  var sections: [DescribedSection] {
    [
      DescribedSection(title: record.name, lines: head), DescribedSection(title: "Request", lines: request),
      DescribedSection(title: "Resources", lines: resources),
      DescribedSection(title: "Transitions", lines: transitions),
      DescribedSection(title: "Attempts", lines: attempts), DescribedSection(title: "Results", lines: results),
      DescribedSection(title: "Events", lines: DescribedSection.lines(ofEvents: events)),
    ].filter { !$0.lines.isEmpty }
  }

  private var job: JSON { record.job }

  private var head: [String] {
    DescribedSection.aligned([
      ("status", record.status),
      ("detail", record.secondaryStatus == record.status ? nil : record.secondaryStatus),
      ("reason", job["FailureReason"]?.string), ("pending because", record.htr["PendingReason"]?.string),
      ("created", DescribedSection.time(job["CreationTime"])),
      ("started", DescribedSection.time(job["TrainingStartTime"])),
      ("ended", DescribedSection.time(job["TrainingEndTime"])), ("runtime", record.htr["Runtime"]?.string),
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
    return DescribedSection.aligned(rows)
  }

  private static func words(_ algorithm: JSON?) -> String? {
    let parts =
      (algorithm?["ContainerEntrypoint"]?.array ?? []) + (algorithm?["ContainerArguments"]?.array ?? [])
    return parts.isEmpty ? nil : parts.compactMap(\.string).map(shellQuoted).joined(separator: " ")
  }

  private var resources: [String] {
    let resources = record.htr["Resources"]
    return DescribedSection.aligned([
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
        transition["Status"]?.string ?? "", DescribedSection.time(transition["StartTime"]) ?? "", length ?? "",
        transition["StatusMessage"]?.string ?? "",
      ]
    }
    return DescribedSection.lines(of: table)
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
        attempt["Number"]?.integer.map(String.init) ?? "", DescribedSection.time(attempt["StartedAt"]) ?? "",
        start.flatMap { start in end.map { AmountText.duration(seconds: $0 - start) } } ?? "", cause ?? "",
        attempt["CpuSeconds"]?.number.map { AmountText.duration(seconds: $0) } ?? "",
        attempt["PeakMemoryBytes"]?.integer.map(AmountText.bytes) ?? "",
      ]
    }
    return DescribedSection.lines(of: table)
  }

  private var results: [String] {
    DescribedSection.aligned(
      Outcome(record).lines().filter { !["job", "status", "reason"].contains($0.label) }
        .map { ($0.label, $0.text) })
  }
}
