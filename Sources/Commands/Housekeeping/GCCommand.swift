import ArgumentParser
import Client
import JSONKit

struct GCCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "gc",
    abstract: "Remove what nobody needs any more from the daemon's folder.",
    discussion: """
      Working folders of jobs that have ended (records, logs and artifacts stay), and unpacked models that no endpoint
      serves. Objects in buckets are yours: only you delete them.

      EXAMPLES:
        htrctl gc --dry-run
        htrctl gc --older-than 30
      """)

  @Flag(help: "Only say what would go.") var dryRun = false
  @Option(help: ArgumentHelp("Leave alone what is younger.", valueName: "days")) var olderThan = 7.0
  @OptionGroup var common: CommonOptions

  func validate() throws {
    guard (0...36_500).contains(olderThan) else { throw ValidationError("--older-than must lie in 0...36500.") }
  }

  func run() throws {
    let answer = try common.client.collectGarbage(olderThanDays: olderThan, isTrial: dryRun)
    if common.isJSON { return printJSON(answer) }
    let items = answer["Items"]?.array ?? []
    let rows = items.map { item in
      [AmountText.bytes(item["Bytes"]?.integer ?? 0), item["Reason"]?.string ?? "", item["Path"]?.string ?? ""]
    }
    if !rows.isEmpty {
      Table(columns: [.init(title: "SIZE", isNumeric: true), .init(title: "WHAT"), .init(title: "PATH")], rows: rows)
        .show()
    }
    let bytes = AmountText.bytes(answer["Bytes"]?.integer ?? 0)
    Terminal.current.print(
      "\(dryRun ? "Would free" : "Freed") \(bytes): \(items.count) folders and files")
  }
}
