import ArgumentParser
import Client

struct EndpointLogsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "endpoint",
    abstract: "Print the log of one of an endpoint's workers, byte for byte.",
    discussion: """
      Without --variant and --instance the first worker is meant; `htrctl describe endpoint NAME` lists them.

      EXAMPLES:
        htrctl logs endpoint pages --tail 20
        htrctl logs endpoint pages --variant canary --follow
        htrctl logs endpoint pages --instance i-0123456789abcdef0
      """)

  @Argument(help: "The endpoint's name.") var endpoint: String
  @Option(help: "A worker of this variant.") var variant: String?
  @Option(help: "This worker.") var instance: String?
  @OptionGroup var log: LogOptions
  @OptionGroup var common: CommonOptions

  func validate() throws { try LogOptions.refuseJSON(common) }

  func run() throws {
    let client = common.client
    let record = try client.endpoint(endpoint)
    let workers = record.workers.filter {
      (variant ?? $0.variant) == $0.variant && (instance ?? $0.instance) == $0.instance
    }
    // Named once and for all: offsets mean one worker's log, whichever is the first one later on.
    let worker = workers.first
    if worker == nil, !record.workers.isEmpty {
      throw Failure(
        "logs endpoint \(endpoint)", "it has no such worker",
        advice: "It has: " + record.workers.map { "\($0.instance) (\($0.variant))" }.joined(separator: ", ") + ".")
    }
    try log.print(
      .endpoint(endpoint, variant: worker?.variant ?? variant, instance: worker?.instance ?? instance), client: client)
  }
}
