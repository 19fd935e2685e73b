import ArchiveKit
import HostKit
import WorkerContract

/// The model that a training starts from.
enum StartModel {
  static let channels = ["model", "pretrained"]

  /// From the channel `model` (or `pretrained`): a folder with the model's files, or its one archive
  /// (model.tar.gz under any name).
  ///
  /// - Parameter load: reads a model's folder.
  /// - Returns: nil when there is no such channel.
  static func load<Model>(
    _ layout: TrainingLayout, _ load: (_ folder: String) throws -> Model
  ) throws -> Model? {
    for channel in channels where Files.exists(layout.channel(channel)) {
      do {
        return try load(folder(of: layout.channel(channel), unpacked: "\(layout.base)/tmp/start-model"))
      } catch {
        throw AlgorithmFailure(.badData, "The channel `\(channel)` holds no model to start from: \(error)")
      }
    }
    return nil
  }

  private static func folder(of channel: String, unpacked: String) throws -> String {
    let archives = try Files.names(in: channel).filter { $0.hasSuffix(".tar.gz") }
    guard archives.count == 1 else { return channel }
    let archive = "\(channel)/\(archives[0])"
    // An attempt that was killed has left its own.
    try Files.remove(unpacked)
    _ = try ArchiveExtractor.extract(archive, into: unpacked)
    return unpacked
  }
}
