import ArchiveKit
import ArgumentParser
import Client
import Handwriting
import HostKit
import JSONKit

struct ModelPackCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "pack",
    abstract: "Write a model.tar.gz: from a folder, or from another archive with files renamed, added or replaced.",
    discussion: """
      Downloading, unpacking, renaming and repacking in one step. Names are changed first, then files are added, then
      --code takes the place of the archive's code/. The same files give the same bytes.

      EXAMPLES:
        htrctl model pack model/ -o model.tar.gz
        htrctl model pack train-2026-07-01-12-00-00-000 -o model.tar.gz --rename best.params=segmentation.params
        htrctl model pack words-2026-07-01-12-00-00-000 -o words.tar.gz --half
        htrctl model pack s3://models/words/model.tar.gz -o words.tar.gz --add labels.txt=labels.txt --code src
      """)

  @Argument(help: "A folder, a model.tar.gz, an s3:// URI, or a job's or model's name.") var source: String
  @Option(name: .shortAndLong, help: ArgumentHelp("Where the archive goes.", valueName: "file")) var outputFile: String
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Put a file or folder into it under a name (repeat).", valueName: "path=name"))
  var add: [Assignment] = []
  @Option(
    parsing: .singleValue,
    help: ArgumentHelp("Give a file or folder of it another name (repeat).", valueName: "old=new"))
  var rename: [Assignment] = []
  @Option(help: ArgumentHelp("The inference script's folder: becomes code/.", valueName: "folder")) var code: String?
  @Flag(help: "Write the numbers of .safetensors files in half precision: half as large.") var half = false
  @OptionGroup var common: CommonOptions

  func run() throws {
    let target = absolutePath(outputFile)
    let packed = try ModelArtifact.find(source, daemon: common.daemon).withFolder { folder in
      var tree = try ModelTree(folder: folder)
      for change in rename { try tree.rename(change.name, to: change.value) }
      for change in add { try tree.add(change.name, as: change.value) }
      if let code {
        tree.remove(below: ModelTree.code)
        try tree.add(code, as: ModelTree.code)
      }
      guard half else { return try write(tree, to: target) }
      return try withTemporaryFolder { temporary in
        try Self.halve(&tree, in: temporary)
        return try write(tree, to: target)
      }
    }
    if common.isJSON {
      return printJSON([
        "Path": .string(target), "Sha256": .string(packed.sha256), "Size": .integer(packed.size),
        "Members": .integer(Int64(packed.members)),
      ])
    }
    Terminal.current.print("\(outputFile)  \(packed.members) files, \(AmountText.bytes(packed.size))")
    Terminal.current.print("sha256  \(packed.sha256)")
  }

  private static func halve(_ tree: inout ModelTree, in folder: String) throws {
    let weights = tree.files.filter { $0.key.hasSuffix(".safetensors") }
    guard !weights.isEmpty else {
      throw Failure("--half", "the model has no .safetensors file", advice: "Leave --half out.")
    }
    for (number, file) in weights.sorted(by: { $0.key < $1.key }).enumerated() {
      let path = "\(folder)/\(number)"
      do {
        try SafetensorsFile.read(file.value).write(to: path, as: .half)
      } catch let error as ModelFileError { throw Failure("--half", "\(file.key): \(error)") }
      try tree.add(path, as: file.key)
    }
  }

  /// Whole or not at all: an archive that was there before stays until the new one is.
  private func write(_ tree: ModelTree, to target: String) throws -> PackedResult {
    try Files.makeFolder(Files.parent(of: target))
    let temporary = "\(target).tmp-\(Identifier.random(bytes: 4))"
    let packed = try tree.pack(to: temporary)
    do {
      try Files.sync(temporary)
      try Files.rename(temporary, to: target)
    } catch {
      // The failure matters; what stays behind is named by it.
      try? Files.remove(temporary)
      throw error
    }
    return packed
  }
}
