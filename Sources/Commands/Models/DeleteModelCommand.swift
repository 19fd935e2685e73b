import ArgumentParser
import Client
import JSONKit

struct DeleteModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Delete models; endpoints that serve them go on.",
    discussion: """
      EXAMPLES:
        htrctl delete model pages words
      """)

  @Argument(help: "The models' names.") var models: [String]
  @OptionGroup var common: CommonOptions

  func run() throws {
    let client = common.client
    try Deletion(kind: "model", common: common).run(models) { model in
      _ = try client.call("DeleteModel", ["ModelName": .string(model)])
    }
  }
}
