import HostKit
import Launching
import Logging
import Serving
import WorkerContract

/// What the keepers of all workers share.
struct WorkerContext: Sendable {
  let home: Home
  let router: InvocationRouter
  let launcher: ShimLauncher
  let preparation: WorkerPreparation
  let quickThreads: BlockingThreads
  let copyThreads: BlockingThreads
  let logger: Logger
  /// Seconds that one question to a worker may take.
  let pingSeconds = 2.0
  /// Seconds between two questions to a healthy worker.
  let livenessSeconds: Double
  /// Seconds that requests in hand get before their worker is told to end.
  let drainSeconds: Double

  init(_ parts: DaemonParts, router: InvocationRouter, launcher: ShimLauncher) {
    home = parts.home
    self.router = router
    self.launcher = launcher
    preparation = WorkerPreparation(parts)
    quickThreads = parts.quickThreads
    copyThreads = parts.copyThreads
    logger = parts.logger
    livenessSeconds = parts.settings.livenessSeconds
    drainSeconds = parts.settings.drainSeconds
  }

  /// Why a worker ended, in words for people.
  func explanation(of exit: WorkerExit, at place: WorkerPlace) -> String {
    switch exit.cause {
    case .memoryLimit:
      return
        "OutOfMemory: it held more memory than its instance type has (peak \(exit.peakMemoryBytes >> 20) MiB). Choose a larger instance type."
    case .logLimit: return "Its log reached its limit (log-limit-mib in settings.yaml)."
    case .diskFull: return "The disk is full, its log could not be written. Free some space."
    case .stopOrder: return "It was told to stop."
    case .maximumRuntime, nil: break
    }
    switch exit.outcome {
    case .exited, .signaled: return LastWords.ending(exit, log: home.workerLog(place))
    case .notStarted: return exit.message ?? "Its program could not be started."
    case .lost: return exit.message ?? "The process that watched over it was killed, and the worker with it."
    }
  }
}

/// Why a worker can never be started as it was asked for.
struct WorkerRefusal: Error, CustomStringConvertible {
  let description: String

  init(_ description: String) { self.description = description }
}
