import ArchiveKit
import ArgumentParser
import Client
import Handwriting
import HostKit
import JSONKit
import Pages
import Segmentation

struct ModelVerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify",
    abstract: "Look whether a model's archive is whole, unchanged and can be served.",
    discussion: """
      Reads every byte of it, compares its digest with the job's or the model's record, lists what it holds, and loads
      the weights of models of ours. Ends with 1 when something is wrong.

      EXAMPLES:
        htrctl model verify train-2026-07-01-12-00-00-000
        htrctl model verify model.tar.gz --output json
      """)

  @Argument(help: "A model.tar.gz, a folder, an s3:// URI, or a job's or model's name.") var source: String
  @OptionGroup var common: CommonOptions

  func run() throws {
    let verification = try ModelVerification(try ModelArtifact.find(source, daemon: common.daemon))
    if common.isJSON { printJSON(verification.json) } else { verification.show() }
    if let fault = verification.faults.first {
      throw Failure("model \(source)", fault, advice: verification.advice, status: .jobFailed)
    }
  }
}

/// What was found out about a model's files.
struct ModelVerification {
  private(set) var members: [ArchiveMember] = []
  /// Of the archive; nil for a folder.
  private(set) var sha256: String?
  private let recorded: String?
  /// The image that serves it; nil when nothing tells.
  private(set) var image: String?
  /// Algorithm and version of each model of ours in it.
  private(set) var models: [(algorithm: String, version: Int)] = []
  private(set) var faults: [String] = []
  private(set) var advice = ""

  /// - Throws: when there is nothing to look at.
  init(_ artifact: ModelArtifact) throws {
    recorded = artifact.sha256
    let path = try artifact.requirePath()
    if !artifact.isFolder {
      sha256 = try Digest.sha256(ofFile: path)
      if let recorded, recorded != sha256 {
        faults.append("its SHA-256 is \(sha256 ?? ""), and \(recorded) was recorded: the file was changed since")
        advice = "Train it again, or get it from a copy."
      }
      do throws(ArchiveError) {
        members = try ArchiveReader.list(path)
      } catch {
        faults.append(error.description)
        advice = ModelArtifact.advice(error)
        return
      }
    }
    try artifact.withFolder { try look(into: $0) }
  }

  private mutating func look(into folder: String) throws {
    do {
      image = try ModelKind.image(ofFolder: folder)
      guard let found = try ModelKind.models(in: folder) else { return }
      if let folder = found.segmentation {
        _ = try SegmentationModel(folder: folder)
        models.append((SegmentationConfiguration.algorithm, SegmentationConfiguration.formatVersion))
      }
      if let folder = found.recognition {
        _ = try RecognitionModel(folder: folder)
        models.append((RecognitionConfiguration.algorithm, RecognitionConfiguration.formatVersion))
      }
    } catch let failure as Failure {
      // Code of its own may come with a configuration that means nothing to us.
      if image == nil { faults.append(failure.why) }
    } catch {
      faults.append("it cannot be loaded: \(error)")
      advice = "Train it again, or get it from a copy."
    }
  }

  func show(on terminal: Terminal = .current) {
    if !members.isEmpty {
      var table = Table(columns: [.init(title: "SIZE", isNumeric: true), .init(title: "FILE", mayShrink: true)])
      table.rows = members.filter { !$0.isFolder }.map { [AmountText.bytes($0.size), $0.path] }
      table.show(on: terminal)
    }
    for line in DescribedSection.aligned([
      ("sha256", sha256.map { $0 + (recorded == $0 ? " (as recorded)" : "") }),
      ("model", models.map { "\($0.algorithm), version \($0.version)" }.joined(separator: " and ")),
      ("served by", image), ("result", faults.isEmpty ? "whole" : "not whole"),
    ]) { terminal.print(line) }
  }

  var json: JSON {
    .members([
      "Sha256": sha256.map { .string($0) }, "RecordedSha256": recorded.map { .string($0) },
      "Members": .array(
        members.map { ["Path": .string($0.path), "Size": .integer($0.size), "IsFolder": .bool($0.isFolder)] }),
      "Models": .array(
        models.map { ["Algorithm": .string($0.algorithm), "Version": .integer(Int64($0.version))] }),
      "Image": image.map { .string($0) }, "Faults": .array(faults.map { .string($0) }),
    ])
  }
}
