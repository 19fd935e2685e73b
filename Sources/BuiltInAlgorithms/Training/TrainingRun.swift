import Handwriting
import HostKit
import WorkerContract

/// A training that can be saved and gone on from.
protocol ResumableTrainer: AnyObject {
  var stepsDone: Int { get }
  func checkpoint(identity: String) throws(ModelFileError) -> SafetensorsFile
  func resume(from file: SafetensorsFile, identity: String) throws(ModelFileError) -> Bool
}

/// One attempt at a training: what it saves on the way.
struct TrainingRun<Trainer: ResumableTrainer> {
  let layout: TrainingLayout
  let trainer: Trainer
  let log: WorkerLog
  /// What a checkpoint must agree with to be gone on from.
  let identity: String
  /// Names the checkpoint.
  let algorithm: String

  private var path: String { "\(layout.checkpoints)/\(algorithm).safetensors" }

  /// Goes on from the checkpoint of an earlier attempt, when there is one.
  func resume() throws {
    guard Files.exists(path) else { return }
    let file = try SafetensorsFile.read(path)
    if try trainer.resume(from: file, identity: identity) {
      log.line("Resumed after step \(trainer.stepsDone)")
    } else {
      log.line("Note: the checkpoint is of a training with other data or settings; beginning afresh")
    }
  }

  func save() throws {
    try Files.makeFolder(layout.checkpoints)
    try trainer.checkpoint(identity: identity).write(to: path)
  }
}
