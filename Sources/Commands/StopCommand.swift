import ArgumentParser
import Client
import JSONKit

struct StopCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "stop",
    abstract: "Stop training jobs or transform jobs.",
    discussion: """
      A name without a kind is a training job's.

      EXAMPLES:
        htrctl stop train-2026-07-01-12-00-00-000
        htrctl stop transform pages-2026-07-01-12-00-00-000
      """,
    subcommands: [StopJobCommand.self, StopTransformCommand.self], defaultSubcommand: StopJobCommand.self)
}

struct StopJobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Stop training jobs; what they have written is packed.",
    discussion: """
      A worker gets SIGTERM and, if it is still there after the grace time, SIGKILL. --now leaves the grace time out.

      EXAMPLES:
        htrctl stop train-2026-07-01-12-00-00-000
        htrctl stop first second --wait
      """)

  @Argument(help: "The jobs' names.") var jobs: [String]
  @Flag(help: "Return when the jobs have ended.") var wait = false
  @Flag(help: "Without grace time.") var now = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let client = common.client
    for job in jobs {
      var input: JSON.Object = .init([("TrainingJobName", .string(job))])
      // A member of htr's own: SageMaker's action has no such wish.
      if now { input["HtrGraceSeconds"] = 0 }
      _ = try client.call("StopTrainingJob", .object(input))
    }
    var rows: [JSON] = []
    for job in jobs {
      let record = wait ? try ended(job, client) : try client.trainingJob(job)
      rows.append([
        "TrainingJobName": .string(job), "TrainingJobStatus": .string(record.status),
        "SecondaryStatus": .string(record.secondaryStatus),
      ])
      if !common.isJSON { Terminal.current.print("\(job)  \(record.status)") }
    }
    if common.isJSON { printJSON(["TrainingJobs": .array(rows)]) }
  }

  private func ended(_ job: String, _ client: DaemonClient) throws -> TrainingJobRecord {
    var version: Int64?
    while true {
      let known = version
      let record = try client.persistently {
        try client.trainingJob(job, newerThan: known, timeoutSeconds: 300)
      }
      if record.hasEnded { return record }
      version = record.version
    }
  }
}
