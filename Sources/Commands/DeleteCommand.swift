import ArgumentParser
import Client
import JSONKit

struct DeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Delete ended training jobs, endpoints or models; their names become free.",
    discussion: """
      Names without a kind are training jobs'.

      EXAMPLES:
        htrctl delete first second third
        htrctl delete endpoint pages --all --wait
        htrctl delete model pages
      """,
    subcommands: [DeleteJobCommand.self, DeleteEndpointCommand.self, DeleteModelCommand.self],
    defaultSubcommand: DeleteJobCommand.self)
}

struct DeleteJobCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "job",
    abstract: "Delete ended training jobs; their names become free.",
    discussion: """
      EXAMPLES:
        htrctl delete job train-2026-07-01-12-00-00-000
        htrctl delete first second third
      """)

  @Argument(help: "The jobs' names.") var jobs: [String]
  @OptionGroup var common: CommonOptions

  func run() throws {
    let client = common.client
    try Deletion(kind: "training job", common: common).run(jobs) { job in
      _ = try client.call("DeleteTrainingJob", ["TrainingJobName": .string(job)])
    }
  }
}

/// Deletes several things of one kind; one that cannot be deleted does not keep the others.
struct Deletion {
  let kind: String
  let common: CommonOptions

  func run(_ names: [String], _ delete: (String) throws -> Void) throws {
    var firstError: (any Error)?
    var deleted: [JSON] = []
    for name in names {
      do {
        try delete(name)
        deleted.append(.string(name))
        if !common.isJSON { Terminal.current.print("\(name)  deleted") }
      } catch let error as ServiceError {
        let failure = Failure(
          "\(kind) \(name)", "\(error)", status: error.status < 500 ? .invalid : .troubled)
        if let earlier = firstError, let line = ErrorLine(earlier) { Terminal.current.note(line.text) }
        firstError = failure
      }
    }
    if common.isJSON { printJSON(["Deleted": .array(deleted)]) }
    if let firstError { throw firstError }
  }
}
