import ArgumentParser
import Client
import JSONKit

struct DeleteCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "delete",
    abstract: "Delete ended training jobs; their names become free.",
    discussion: """
      EXAMPLES:
        htrctl delete train-2026-07-01-12-00-00-000
        htrctl delete first second third
      """)

  @Argument(help: "The jobs' names.") var jobs: [String]
  @OptionGroup var common: CommonOptions

  func run() throws {
    let client = common.client
    var firstError: (any Error)?
    var deleted: [JSON] = []
    // One job that cannot be deleted does not keep the others.
    for job in jobs {
      do {
        _ = try client.call("DeleteTrainingJob", ["TrainingJobName": .string(job)])
        deleted.append(.string(job))
        if !common.isJSON { Terminal.current.print("\(job)  deleted") }
      } catch let error as ServiceError {
        let failure = Failure(
          "training job \(job)", "\(error)", status: error.status < 500 ? .invalid : .troubled)
        if let earlier = firstError, let line = ErrorLine(earlier) { Terminal.current.note(line.text) }
        firstError = failure
      }
    }
    if common.isJSON { printJSON(["Deleted": .array(deleted)]) }
    if let firstError { throw firstError }
  }
}
