import ArgumentParser
import Client

struct ModelCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "model",
    abstract: "Pack, unpack and verify models' archives.",
    subcommands: [ModelPackCommand.self, ModelUnpackCommand.self, ModelVerifyCommand.self])
}

extension ModelArtifact {
  /// By any name that a model can have; a daemon is asked only for names that mean nothing here.
  static func find(_ text: String, daemon: DaemonOptions) throws -> ModelArtifact {
    let isPlace = text.contains("://") || !ResourceName.isLegal(text)
    // A folder here goes before a job of the same name: these commands work without a daemon.
    if !text.contains("://"), let local = try ModelSource.local(text) {
      return try ModelArtifact(local, client: daemon.client)
    }
    if isPlace, !text.contains("://") {
      throw Failure("model \(text)", "there is no such file or folder", advice: "Check the path.")
    }
    return try ModelArtifact(try ModelSource.find(text, client: daemon.client), client: daemon.client)
  }
}
