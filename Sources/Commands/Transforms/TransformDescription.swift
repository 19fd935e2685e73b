import Client
import JSONKit

/// A transform job's record as sections of lines for people.
struct TransformDescription {
  let record: TransformJobRecord
  let events: [JSON]

  var sections: [DescribedSection] {
    [
      DescribedSection(title: record.name, lines: head),
      DescribedSection(title: "Workers", lines: DescribedSection.lines(of: workers)),
      DescribedSection(
        title: "Logs", lines: record.htr["LogPath"]?.string.map { [Table.plain($0)] } ?? []),
      DescribedSection(title: "Events", lines: DescribedSection.lines(ofEvents: events)),
    ]
  }

  private var head: [String] {
    let job = record.job
    let resources = job["TransformResources"]
    return DescribedSection.aligned([
      ("status", record.status), ("reason", record.failureReason), ("objects", TransformWatch.progress(record)),
      ("model", job["ModelName"]?.string),
      ("input", job["TransformInput"]?["DataSource"]?["S3DataSource"]?["S3Uri"]?.string),
      ("output", record.outputPath),
      (
        "workers",
        resources?["InstanceCount"]?.integer.map { "\($0) x \(resources?["InstanceType"]?.string ?? "")" }
      ),
      ("waiting for", record.htr["WaitingFor"]?.string),
      ("created", DescribedSection.time(job["CreationTime"])),
      ("started", DescribedSection.time(job["TransformStartTime"])),
      ("ended", DescribedSection.time(job["TransformEndTime"])), ("arn", job["TransformJobArn"]?.string),
    ])
  }

  private var workers: Table {
    var table = Table(columns: [
      .init(title: "INSTANCE"), .init(title: "STATE"), .init(title: "PID", isNumeric: true),
      .init(title: "RESTARTS", isNumeric: true), .init(title: "LAST END"),
    ])
    table.rows = record.workers.map { worker in
      [
        worker.instance, worker.state, worker.pid.map(String.init) ?? "", String(worker.restarts), worker.lastEnd ?? "",
      ]
    }
    return table
  }

  /// Labels and texts as the other verbs print an outcome.
  static func show(_ lines: [(String, String?)], on terminal: Terminal = .current) {
    for (label, text) in lines {
      guard let text, !text.isEmpty else { continue }
      let space = String(repeating: " ", count: 10 - label.count)
      terminal.print(terminal.styled(label, .dim) + space + Table.plain(text))
    }
  }
}
