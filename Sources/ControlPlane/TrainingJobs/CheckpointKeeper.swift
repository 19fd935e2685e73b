import JSONKit
import Logging
import Resources
import WorkerContract

/// Copies a running job's checkpoints to where its CheckpointConfig says, from time to time and at the end.
final class CheckpointKeeper: Sendable {
  private let job: TrainingJob
  private let folder: AttemptFolder
  private let seconds: Double
  private let publication: AttemptPublication
  private let threads: BlockingThreads
  private let logger: Logger
  private let stop = Gate()

  /// nil when the job keeps no checkpoints.
  init?(
    job: TrainingJob, folder: AttemptFolder, every seconds: Double, publication: AttemptPublication,
    threads: BlockingThreads, logger: Logger
  ) {
    guard job.request["CheckpointConfig"]?["S3Uri"]?.string != nil else { return nil }
    self.job = job
    self.folder = folder
    self.seconds = seconds
    self.publication = publication
    self.threads = threads
    self.logger = logger
  }

  /// Copies until `finish`, or until the daemon ends.
  func run() async {
    while await !stop.wait(seconds: seconds), !Task.isCancelled { await copy() }
  }

  /// The worker has ended: copies what is left.
  func finish() async {
    stop.open()
    await copy()
  }

  private func copy() async {
    do {
      try await threads.run { [publication, job, folder] in
        try publication.syncCheckpoints(of: job, folder)
      }
    } catch {
      logger.error("cannot copy checkpoints", metadata: ["job": "\(job.name)", "error": "\(error)"])
    }
  }
}
