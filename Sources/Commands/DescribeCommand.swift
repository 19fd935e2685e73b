import ArgumentParser
import Client
import JSONKit

struct DescribeCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "describe",
    abstract: "Show everything about a training job, an endpoint, a model or a transform job.",
    discussion: """
      A name without a kind is a training job's.

      EXAMPLES:
        htrctl describe train-2026-07-01-12-00-00-000 --events
        htrctl describe endpoint pages
        htrctl describe model pages --output json
        htrctl describe transform pages-2026-07-01-12-00-00-000
      """,
    subcommands: [
      DescribeJobCommand.self, DescribeEndpointCommand.self, DescribeModelCommand.self, DescribeTransformCommand.self,
    ],
    defaultSubcommand: DescribeJobCommand.self)
}

struct DescribeJobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Show everything about a training job.",
    discussion: """
      EXAMPLES:
        htrctl describe job train-2026-07-01-12-00-00-000
        htrctl describe train-2026-07-01-12-00-00-000 --events
        htrctl describe train-2026-07-01-12-00-00-000 --output json
      """)

  @Argument(help: "The job's name.") var job: String
  @Flag(help: "Also show what htrd recorded about the job.") var events = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let record = try common.client.knownJob(job)
    let recorded = events ? try common.client.events(of: job) : []
    if common.isJSON {
      guard var members = record.described.object else { return printJSON(record.described) }
      if events { members["Events"] = .array(recorded) }
      return printJSON(.object(members))
    }
    DescribedSection.show(JobDescription(record: record, events: recorded).sections)
  }
}
