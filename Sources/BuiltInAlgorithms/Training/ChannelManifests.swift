import ArchiveKit
import Handwriting
import HostKit
import WorkerContract

/// What the pages or words of a channel are for.
enum ChannelPurpose: String, CaseIterable {
  case train, validation, test

  /// `train` and every channel whose name begins with it (`train_synthetic`), `validation`, `test`; nil for others.
  init?(channel: String) {
    guard let purpose = channel.hasPrefix("train") ? .train : ChannelPurpose(rawValue: channel) else { return nil }
    self = purpose
  }

  /// Manifests are *.manifest and *.jsonl. One that is named after another purpose is left alone: a folder with
  /// train.manifest and test.manifest can serve both channels, and no test word gets into the training.
  func isServed(by file: String) -> Bool {
    guard let dot = file.lastIndex(of: "."), [".manifest", ".jsonl"].contains(file[dot...]) else { return false }
    return ChannelPurpose(rawValue: String(file[..<dot])).map { $0 == self } ?? true
  }
}

/// Reads the manifests of a job's channels, in an order that does not depend on the file system.
struct ChannelManifests {
  /// Those that were read, as channel/path.
  private(set) var names: [String] = []
  private var hash = Digest.SHA256()
  private static let most = 10_000

  /// - Parameter take: gets each manifest, with the folder that its sources are relative to.
  /// - Throws: `AlgorithmFailure`, when there is none to train on or one cannot be read.
  mutating func read(
    _ layout: TrainingLayout, onFault policy: Manifest.FaultPolicy,
    take: (ChannelPurpose, Manifest, _ folder: String) throws -> Void
  ) throws(AlgorithmFailure) {
    let channels = Self.channels(layout)
    do {
      for channel in channels {
        guard let purpose = ChannelPurpose(channel: channel) else { continue }
        let folder = layout.channel(channel)
        for path in try FileSearch.files(below: folder, limit: Self.most, where: { purpose.isServed(by: $0) }) {
          let manifest = try Manifest.read("\(folder)/\(path)", onFault: policy)
          hash.update(Array("\(channel)/\(path)\n".utf8))
          for page in manifest.pages { hash.update(Array(Manifest.line(for: page).utf8)) }
          names.append("\(channel)/\(path)")
          try take(purpose, manifest, Files.parent(of: "\(folder)/\(path)"))
        }
      }
    } catch let failure as AlgorithmFailure {
      throw failure
    } catch {
      throw AlgorithmFailure(.badData, "The training data cannot be read: \(error)")
    }
    guard names.contains(where: { $0.hasPrefix(ChannelPurpose.train.rawValue) }) else {
      throw AlgorithmFailure(
        .badData,
        "There is no manifest to train on. Give a channel `train` with images and a manifest (*.manifest or *.jsonl, one "
          + "image a line); the channels are: \(channels.isEmpty ? "none" : channels.joined(separator: ", ")).")
    }
  }

  /// Counts more bytes in the digest.
  mutating func note(_ bytes: [UInt8]) { hash.update(bytes) }

  /// SHA-256 over the manifests and what was noted, in the order in which they were read.
  mutating func digest() -> String { hash.finish() }

  private static func channels(_ layout: TrainingLayout) -> [String] {
    // No folder means no channel, which is told apart from an unreadable one below.
    ((try? Files.names(in: "\(layout.base)/input/data")) ?? []).sorted()
  }
}
