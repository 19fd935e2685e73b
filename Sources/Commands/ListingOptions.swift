import ArgumentParser
import Client
import HostKit
import JSONKit

/// What every list can be narrowed by, and how it is shown.
struct ListingOptions: ParsableArguments {
  @Option(help: ArgumentHelp("Only names that contain this.", valueName: "text")) var nameContains: String?
  @Option(help: ArgumentHelp("Only what was created after this.", valueName: "time")) var createdAfter: String?
  @Option(help: ArgumentHelp("Only what was created before this.", valueName: "time")) var createdBefore: String?
  @Option(help: "Name, CreationTime, or Status where there is one.") var sortBy = "CreationTime"
  @Option(help: "Ascending or Descending.") var order = "Descending"
  @Option(help: ArgumentHelp("At most this many.", valueName: "count")) var limit = 50
  @Flag(help: "Every one, however many there are.") var all = false

  func validate() throws {
    if limit < 1 { throw ValidationError("--limit must be at least 1.") }
  }

  /// Asks for the rows and prints them.
  /// - Parameter rows: the member of the action's answer that holds them.
  func show(
    _ action: String, rows member: String, status: String? = nil, common: CommonOptions, table: ([JSON]) -> Table
  ) throws {
    let filter = try filter(status: status, now: .now())
    let (rows, next) = try common.client.list(action, rows: member, filter: filter, limit: all ? nil : limit)
    if common.isJSON {
      return printJSON(.object(.init([(member, .array(rows))] + (next.map { [("NextToken", .string($0))] } ?? []))))
    }
    table(rows).show()
    if next != nil { Terminal.current.note("There are more: raise --limit or give --all.") }
  }

  private func filter(status: String?, now: Timestamp) throws -> JSON.Object {
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
}
