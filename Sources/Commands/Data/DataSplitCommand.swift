import ArgumentParser
import Handwriting
import HostKit
import JSONKit
import Synthesis

struct DataSplitCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "split",
    abstract: "Part a manifest into one to train with and one to test with.",
    discussion: """
      An image is in one of them only, the same one for the same seed, also when lines are added or reordered. Nothing is
      copied: the new manifests name the images where they are.

      EXAMPLES:
        htrctl data split data/all.manifest --to data
        htrctl data split data/all.manifest --test 0.2 --seed 7 --to /tmp/parted
      """)

  @Argument(help: "The manifest, one image a line.") var manifest: String
  @Option(help: "Share of the images for the test, above 0 and below 1.") var test = 0.1
  @Option(help: "Another seed gives another choice.") var seed: UInt64 = 1
  @Option(help: "Folder for train.manifest and test.manifest.") var to: String

  func validate() throws {
    guard test > 0, test < 1 else { throw ValidationError("--test \(test): give a share such as 0.1.") }
  }

  func run() throws {
    let folder = absolutePath(to)
    let trainPath = "\(folder)/\(SyntheticSet.trainManifest)"
    let testPath = "\(folder)/\(SyntheticSet.testManifest)"
    if let taken = [trainPath, testPath].first(where: Files.exists) {
      throw Failure("split into \(to)", "\(taken) is there already", advice: "Remove it, or name another folder.")
    }
    let pages = try explained("split \(manifest)") { try Manifest.read(manifest).pages }
    guard Set(pages.map(\.source)).count > 1 else {
      throw Failure("split \(manifest)", "it has fewer than two images", advice: "There is nothing to part.")
    }
    let sides = Manifest.split(pages, testShare: test, seed: seed)
    let lines = try ManifestLines(path: manifest).lines
    let origin = Files.parent(of: absolutePath(manifest))
    let chosen = Set(sides.test.map(\.source))
    try Files.makeFolder(folder)
    try Files.write(Self.text(lines.filter { chosen.contains($0.source) }, from: origin, to: folder), to: testPath)
    try Files.write(Self.text(lines.filter { !chosen.contains($0.source) }, from: origin, to: folder), to: trainPath)
    Terminal.current.print("\(trainPath): \(sides.train.count) images")
    Terminal.current.print("\(testPath): \(sides.test.count) images")
  }

  /// The lines for a manifest in another folder; all but the image's place stays as it is.
  static func text(_ lines: [ManifestLines.Line], from origin: String, to folder: String) -> String {
    lines.map { line in
      var members = line.members
      members["source-ref"] = .string(ImagePlace(source: line.source, folder: origin).source(in: folder))
      return JSON.object(members).text + "\n"
    }.joined()
  }
}
