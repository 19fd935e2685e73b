import ArgumentParser
import JSONKit

struct EndpointsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoints",
    abstract: "List endpoints, newest first.",
    discussion: """
      A time is a date (2026-07-01, 2026-07-01T12:00, with Z for UTC), epoch seconds, or an age (30m, 2h, 7d).

      EXAMPLES:
        htrctl endpoints
        htrctl endpoints --status InService --name-contains pages --output json
      """)

  @Option(help: "Creating, Updating, InService, Failed or Deleting.") var status: String?
  @OptionGroup var listing: ListingOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    try listing.show(
      "ListEndpoints", rows: "Endpoints", status: status, common: common, table: Self.table)
  }

  static func table(_ rows: [JSON]) -> Table {
    var table = Table(columns: [
      .init(title: "NAME", mayShrink: true), .init(title: "STATUS"), .init(title: "CREATED"), .init(title: "CHANGED"),
    ])
    table.rows = rows.map { row in
      [
        row["EndpointName"]?.string ?? "", row["EndpointStatus"]?.string ?? "",
        DescribedSection.time(row["CreationTime"]) ?? "", DescribedSection.time(row["LastModifiedTime"]) ?? "",
      ]
    }
    return table
  }
}
