import ArgumentParser
import HostKit
import JSONKit

struct JobsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "jobs",
    abstract: "List training jobs, newest first.",
    discussion: """
      A time is a date (2026-07-01, 2026-07-01T12:00, with Z for UTC), epoch seconds, or an age (30m, 2h, 7d).

      EXAMPLES:
        htrctl jobs
        htrctl jobs --status InProgress
        htrctl jobs --name-contains mock --created-after 2h --all --output json
      """)

  @Option(help: "InProgress, Completed, Failed, Stopping or Stopped.") var status: String?
  @OptionGroup var listing: ListingOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    try listing.show(
      "ListTrainingJobs", rows: "TrainingJobSummaries", status: status, common: common,
      table: { JobTable.table($0, now: .now()) })
  }
}

enum JobTable {
  static func table(_ rows: [JSON], now: Timestamp) -> Table {
    var table = Table(columns: [
      .init(title: "NAME", mayShrink: true), .init(title: "STATUS"), .init(title: "DETAIL"),
      .init(title: "CREATED"), .init(title: "TIME", isNumeric: true),
    ])
    table.rows = rows.map { row in
      let status = row["TrainingJobStatus"]?.string ?? ""
      let detail = row["SecondaryStatus"]?.string ?? ""
      let created = row["CreationTime"]?.number
      let end = row["TrainingEndTime"]?.number ?? now.seconds
      return [
        row["TrainingJobName"]?.string ?? "", status, detail == status ? "" : detail,
        created.map { CalendarText.local(Timestamp(seconds: $0)) } ?? "",
        created.map { AmountText.duration(seconds: end - $0) } ?? "",
      ]
    }
    return table
  }
}
