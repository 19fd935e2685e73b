import ArgumentParser
import Client
import JSONKit

struct DescribeModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Show everything about a model.",
    discussion: """
      EXAMPLES:
        htrctl describe model pages
        htrctl describe model pages --output json
      """)

  @Argument(help: "The model's name.") var model: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    let record = try common.client.model(model)
    if common.isJSON { return printJSON(record.described) }
    DescribedSection.show(Self.sections(record))
  }

  static func sections(_ record: ModelRecord) -> [DescribedSection] {
    let head = DescribedSection.aligned([
      ("created", DescribedSection.time(record.model["CreationTime"])),
      ("arn", record.model["ModelArn"]?.string), ("role", record.model["ExecutionRoleArn"]?.string),
    ])
    let known = record.htr["Containers"]?.array ?? []
    let containers = record.containers.enumerated().map { index, container in
      let htr = index < known.count ? known[index] : .null
      return DescribedSection(
        title: record.containers.count == 1 ? "Container" : "Container \(index + 1)",
        lines: DescribedSection.aligned(
          [
            ("image", container["Image"]?.string), ("runtime", htr["Runtime"]?.string),
            ("archive", container["ModelDataUrl"]?.string), ("size", htr["Size"]?.integer.map(AmountText.bytes)),
            ("sha256", htr["Sha256"]?.string),
          ]
            + (container["Environment"]?.object?.members ?? []).map { ($0.key, $0.value.string ?? $0.value.text) }))
    }
    return [DescribedSection(title: record.name, lines: head)] + containers
  }
}
