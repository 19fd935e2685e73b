import ArchiveKit
import Handwriting
import HostKit
import WorkerContract

/// One attempt at a training: what it tells, and what it saves on the way.
final class RecognitionRun {
  let layout: TrainingLayout
  let trainer: RecognitionTrainer
  private let log: WorkerLog
  private let identity: String

  init(layout: TrainingLayout, log: WorkerLog, identity: String, trainer: RecognitionTrainer) {
    self.layout = layout
    self.log = log
    self.identity = identity
    self.trainer = trainer
  }

  private var checkpoint: String { "\(layout.checkpoints)/text-recognition.safetensors" }

  /// Goes on from the checkpoint of an earlier attempt, when there is one.
  func resume() throws {
    guard Files.exists(checkpoint) else { return }
    let file = try SafetensorsFile.read(checkpoint)
    if try trainer.resume(from: file, identity: identity) {
      log.line("Resumed after step \(trainer.stepsDone)")
    } else {
      log.line("Note: the checkpoint is of a training with other data or settings; beginning afresh")
    }
  }

  func note(_ event: TrainingEvent) throws {
    for line in RecognitionReport.lines(event) { log.line(line) }
    guard case .evaluated = event else { return }
    try Files.makeFolder(layout.checkpoints)
    try trainer.checkpoint(identity: identity).write(to: checkpoint)
  }
}

/// The model that a training starts from.
enum RecognitionStart {
  static let channels = ["model", "pretrained"]

  /// From the channel `model` (or `pretrained`): a folder with the model's files, or its model.tar.gz.
  static func model(_ layout: TrainingLayout) throws -> RecognitionModel? {
    for channel in channels where Files.exists(layout.channel(channel)) {
      do {
        return try model(in: layout.channel(channel), unpacked: "\(layout.base)/tmp/start-model")
      } catch {
        throw AlgorithmFailure(.badData, "The channel `\(channel)` holds no model to start from: \(error)")
      }
    }
    return nil
  }

  private static func model(in folder: String, unpacked: String) throws -> RecognitionModel {
    let archive = "\(folder)/model.tar.gz"
    guard Files.exists(archive) else { return try RecognitionModel(folder: folder) }
    // An attempt that was killed has left its own.
    try Files.remove(unpacked)
    _ = try ArchiveExtractor.extract(archive, into: unpacked)
    return try RecognitionModel(folder: unpacked)
  }
}
