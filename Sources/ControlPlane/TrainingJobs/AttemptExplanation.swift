import HostKit
import Lifecycles
import Resources
import WorkerContract

/// Why an attempt ended as it did, in the words that SageMaker's users know and with the worker's own last ones.
struct AttemptExplanation {
  let end: AttemptEnd
  let folder: AttemptFolder
  let log: String
  let runtime: JobRuntime?

  var verdict: AttemptEnding.Verdict {
    let exit = end.exit
    switch exit.cause {
    case .stopOrder: return packed(.stopped)
    case .maximumRuntime: return packed(.maximumRuntimeExceeded)
    case .memoryLimit:
      return .failed(
        Failure(
          .algorithm,
          "OutOfMemory: the job's processes held more memory than its instance type has (peak \(exit.peakMemoryBytes >> 20) MiB). Choose a larger instance type or a smaller batch."
        ))
    case .logLimit:
      return .failed(Failure(.algorithm, "The job's log reached its limit (log-limit-mib in settings.yaml)."))
    case .diskFull:
      return .failed(
        Failure(
          .internal, "The disk is full, the job's log could not be written. Free some space and start the job again."))
    case nil: break
    }
    if exit.isSuccess { return packed(.succeeded) }
    switch exit.outcome {
    case .exited, .signaled: return .failed(workerFailure)
    case .notStarted:
      return .failed(Failure(.client, exit.message ?? "The job's program could not be started."))
    case .lost:
      return .failed(
        Failure(
          .internal, exit.message ?? "The process that watched over the worker was killed, and the worker with it."))
    }
  }

  /// A job whose model cannot be packed has not done what was asked.
  private func packed(_ verdict: AttemptEnding.Verdict) -> AttemptEnding.Verdict {
    guard let failure = end.packingFailure else { return verdict }
    return .failed(Failure(.client, "Artifact upload failed: \(failure)"))
  }

  private var workerFailure: Failure {
    let code = end.exit.code ?? end.exit.signal.map { 128 + $0 } ?? 1
    let written = LastWords.inFailureFile(TrainingLayout(base: folder.base).failure)
    switch runtime {
    case .script:
      let extra =
        code == 137 ? "\nExtraInfo \"OutOfMemory: Process killed by SIGKILL (signal 9)\"" : ""
      let text =
        written
        ?? "ExecuteUserScriptError:\nExitCode \(code)\nErrorMessage \"\(LastWords.ofLog(log))\"\(extra)\nCommand \"\(command)\", exit code: \(code)"
      return Failure(.algorithm, text)
    case .builtin:
      let isClientFault = code == WorkerExitCode.badRequest.rawValue || code == WorkerExitCode.badData.rawValue
      return Failure(isClientFault ? .client : .algorithm, written ?? LastWords.ending(end.exit, log: log))
    case .command, nil:
      return Failure(.algorithm, written ?? LastWords.ending(end.exit, log: log))
    }
  }

  private var command: String {
    guard let spec = try? LaunchSpec.read(folder.spec) else { return "" }
    return ([spec.executable] + spec.arguments).joined(separator: " ")
  }
}
