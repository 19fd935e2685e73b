import ArgumentParser
import Client
import JSONKit

struct DescribeEndpointCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoint",
    abstract: "Show everything about an endpoint: variants, workers, what it waits for.",
    discussion: """
      EXAMPLES:
        htrctl describe endpoint pages
        htrctl describe endpoint pages --events
        htrctl describe endpoint pages --output json
      """)

  @Argument(help: "The endpoint's name.") var endpoint: String
  @Flag(help: "Also show what htrd recorded about the endpoint.") var events = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let record = try common.client.endpoint(endpoint)
    let recorded = events ? try common.client.events(ofEndpoint: endpoint) : []
    if common.isJSON {
      guard var members = record.described.object else { return printJSON(record.described) }
      if events { members["Events"] = .array(recorded) }
      return printJSON(.object(members))
    }
    DescribedSection.show(EndpointDescription(record: record, events: recorded).sections)
  }
}

/// An endpoint's record as sections of lines for people.
struct EndpointDescription {
  let record: EndpointRecord
  let events: [JSON]

  var sections: [DescribedSection] {
    [
      DescribedSection(title: record.name, lines: head),
      DescribedSection(title: "Variants", lines: DescribedSection.lines(of: Self.variants(record))),
      DescribedSection(title: "Workers", lines: DescribedSection.lines(of: workers)),
      DescribedSection(title: "Logs", lines: logs),
      DescribedSection(title: "Events", lines: DescribedSection.lines(ofEvents: events)),
    ]
  }

  private var head: [String] {
    let endpoint = record.endpoint
    return DescribedSection.aligned([
      ("status", record.status), ("reason", record.failureReason), ("waiting for", record.waitingFor),
      ("advice", record.advice), ("config", record.configName),
      ("created", DescribedSection.time(endpoint["CreationTime"])),
      ("changed", DescribedSection.time(endpoint["LastModifiedTime"])), ("arn", endpoint["EndpointArn"]?.string),
    ])
  }

  static func variants(_ record: EndpointRecord) -> Table {
    var table = Table(columns: [
      .init(title: "NAME"), .init(title: "IMAGE", mayShrink: true), .init(title: "WEIGHT", isNumeric: true),
      .init(title: "INSTANCES", isNumeric: true),
    ])
    table.rows = record.variants.map { variant in
      [
        variant["VariantName"]?.string ?? "", images(of: variant).joined(separator: " + "),
        amount(variant["CurrentWeight"], of: variant["DesiredWeight"]),
        amount(variant["CurrentInstanceCount"], of: variant["DesiredInstanceCount"]),
      ]
    }
    return table
  }

  static func images(of variant: JSON) -> [String] {
    (variant["DeployedImages"]?.array ?? []).compactMap { $0["SpecifiedImage"]?.string }
  }

  /// `2`, or `1 of 2` while it changes.
  private static func amount(_ current: JSON?, of desired: JSON?) -> String {
    let (current, desired) = (current?.number, desired?.number)
    guard let current, let desired, current != desired else {
      return (current ?? desired).map(AmountText.number) ?? ""
    }
    return "\(AmountText.number(current)) of \(AmountText.number(desired))"
  }

  private var workers: Table {
    var table = Table(columns: [
      .init(title: "INSTANCE"), .init(title: "VARIANT"), .init(title: "STATE"), .init(title: "PID", isNumeric: true),
      .init(title: "READY IN", isNumeric: true), .init(title: "RESTARTS", isNumeric: true), .init(title: "LAST END"),
    ])
    table.rows = record.workers.map { worker in
      [
        worker.instance, worker.variant, worker.state, worker.pid.map(String.init) ?? "",
        worker.readySeconds.map { "\(fixed($0, 2)) s" } ?? "", String(worker.restarts), worker.lastEnd ?? "",
      ]
    }
    return table
  }

  private var logs: [String] {
    DescribedSection.aligned(record.workers.map { ($0.instance, $0.logPath) })
  }
}
