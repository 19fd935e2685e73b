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
    let workers = try client.endpoint(endpoint).workers
    // Named once and for all: offsets mean one worker's log, whichever is the first one later on. Logs outlive their
    // workers, so what is named need not be there any more.
    let worker = workers.first {
      (variant ?? $0.variant) == $0.variant && (instance ?? $0.instance) == $0.instance
    }
    try log.print(
      .endpoint(endpoint, variant: worker?.variant ?? variant, instance: worker?.instance ?? instance), client: client)
  }
}
