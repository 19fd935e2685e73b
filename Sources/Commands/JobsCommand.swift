import ArgumentParser
import Client
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
  @Option(help: ArgumentHelp("Only names that contain this.", valueName: "text")) var nameContains: String?
  @Option(help: ArgumentHelp("Only jobs created after this.", valueName: "time")) var createdAfter: String?
  @Option(help: ArgumentHelp("Only jobs created before this.", valueName: "time")) var createdBefore: String?
  @Option(help: "Name, CreationTime or Status.") var sortBy = "CreationTime"
  @Option(help: "Ascending or Descending.") var order = "Descending"
  @Option(help: ArgumentHelp("At most this many jobs.", valueName: "count")) var limit = 50
  @Flag(help: "Every job, however many there are.") var all = false
  @OptionGroup var common: CommonOptions

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1.") }
  }

  func run() throws {
    let filter = try filter(now: .now())
    let (rows, next) = try list(common.client, filter)
    if common.isJSON {
      return printJSON(
        .members(["TrainingJobSummaries": .array(rows), "NextToken": next.map { .string($0) }]))
    }
    JobTable.table(rows, now: .now()).show()
    if next != nil {
      Terminal.current.note("There are more: raise --limit or give --all.")
    }
  }

  func filter(now: Timestamp) throws -> JSON.Object {
    func time(_ text: String?, _ option: String) throws -> JSON? {
      guard let text else { return nil }
      guard let moment = CalendarText.parse(text, now: now) else {
        throw Failure(
          "\(option) \(text)", "is no time", advice: "Write for instance 2026-07-01T12:00, or 2h for two hours ago.")
      }
      return .number(moment.seconds)
    }
    let filter = JSON.members([
      "StatusEquals": status.map { .string($0) }, "NameContains": nameContains.map { .string($0) },
      "CreationTimeAfter": try time(createdAfter, "--created-after"),
      "CreationTimeBefore": try time(createdBefore, "--created-before"),
      "SortBy": .string(sortBy), "SortOrder": .string(order),
    ])
    return filter.object ?? .init()
  }

  private func list(_ client: DaemonClient, _ filter: JSON.Object) throws -> (rows: [JSON], next: String?) {
    var rows: [JSON] = []
    var token: String?
    repeat {
      var page = filter
      page["MaxResults"] = .integer(Int64(all ? 100 : min(100, limit - rows.count)))
      if let token { page["NextToken"] = .string(token) }
      let answer = try client.call("ListTrainingJobs", .object(page))
      rows += answer["TrainingJobSummaries"]?.array ?? []
      token = answer["NextToken"]?.string
    } while token != nil && (all || rows.count < limit)
    return (rows, token)
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
