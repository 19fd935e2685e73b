import ArgumentParser
import Handwriting
import HostKit
import ImageKit
import Synthesis

struct DataCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "data",
    abstract: "Check, show, import and split manifests of handwriting, and make synthetic ones.",
    discussion: """
      EXAMPLES:
        htrctl data check data/train.manifest
        htrctl data import export/ --output data/all.manifest
        htrctl data show data/test.manifest
        htrctl data split data/all.manifest --test 0.1 --to data
        htrctl data synthesise --to synthetic --words 20000 --contact-sheet
      """,
    subcommands: [
      DataCheckCommand.self, DataImportCommand.self, DataShowCommand.self, DataSplitCommand.self,
      DataSynthesiseCommand.self,
    ])
}

/// What the kits below refuse, as a failure of the command line.
func explained<Result>(_ what: String, _ work: () throws -> Result) throws -> Result {
  do {
    return try work()
  } catch let error as ManifestFault {
    throw Failure(what, error.description, advice: "`htrctl data check` lists every fault.")
  } catch let error as SynthesisError {
    throw Failure(what, error.description, status: error.code == .rasterizer ? .troubled : .invalid)
  } catch let error as ImageFault {
    throw Failure(what, error.description, status: .troubled)
  }
}
