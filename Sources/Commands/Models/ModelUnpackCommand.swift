import ArchiveKit
import ArgumentParser
import Client
import JSONKit

struct ModelUnpackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "unpack",
    abstract: "Unpack a model's archive into a folder.",
    discussion: """
      The folder must be empty or new. Links, devices and paths that lead out are refused, and a failure leaves nothing.

      EXAMPLES:
        htrctl model unpack model.tar.gz -o model
        htrctl model unpack train-2026-07-01-12-00-00-000 -o model
      """)

  @Argument(help: "A model.tar.gz, an s3:// URI, or a job's or model's name.") var source: String
  @Option(name: .shortAndLong, help: ArgumentHelp("Where the files go.", valueName: "folder")) var outputFolder: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    let artifact = try ModelArtifact.find(source, daemon: common.daemon)
    guard !artifact.isFolder else {
      throw Failure("model \(source)", "it is a folder already", advice: "Give an archive.")
    }
    let result = try artifact.unpack(into: absolutePath(outputFolder))
    if common.isJSON {
      return printJSON([
        "Path": .string(absolutePath(outputFolder)), "Files": .integer(Int64(result.files)),
        "Bytes": .integer(result.bytes),
      ])
    }
    Terminal.current.print("\(outputFolder)  \(result.files) files, \(AmountText.bytes(result.bytes))")
  }
}
