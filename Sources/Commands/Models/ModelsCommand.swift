import ArgumentParser
import JSONKit

struct ModelsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "models",
    abstract: "List models, newest first.",
    discussion: """
      A time is a date (2026-07-01, 2026-07-01T12:00, with Z for UTC), epoch seconds, or an age (30m, 2h, 7d).

      EXAMPLES:
        htrctl models
        htrctl models --name-contains pages --created-after 7d --output json
      """)

  @OptionGroup var listing: ListingOptions
  @OptionGroup var common: CommonOptions

  func run() throws {
    try listing.show("ListModels", rows: "Models", common: common, table: Self.table)
  }

  static func table(_ rows: [JSON]) -> Table {
    var table = Table(columns: [.init(title: "NAME", mayShrink: true), .init(title: "CREATED")])
    table.rows = rows.map { [$0["ModelName"]?.string ?? "", DescribedSection.time($0["CreationTime"]) ?? ""] }
    return table
  }
}
