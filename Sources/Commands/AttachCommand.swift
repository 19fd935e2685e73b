import ArgumentParser

struct AttachCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "attach",
    abstract: "Watch a training job or a transform job to its end.",
    discussion: """
      A name without a kind is a training job's.

      EXAMPLES:
        htrctl attach train-2026-07-01-12-00-00-000
        htrctl attach transform pages-2026-07-01-12-00-00-000 readings/
      """,
    subcommands: [AttachJobCommand.self, AttachTransformCommand.self], defaultSubcommand: AttachJobCommand.self)
}

struct AttachJobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Watch a training job: its past log, then live, then its end.",
    discussion: """
      Ends with the job: 0 Completed, 1 Failed, 3 Stopped. Ctrl-C leaves the job running (130).

      EXAMPLES:
        htrctl attach train-2026-07-01-12-00-00-000
        htrctl attach train-2026-07-01-12-00-00-000 --output json 2> log.txt
      """)

  @Argument(help: "The job's name.") var job: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    try Attachment(name: job, client: common.client, common: common).run()
  }
}
