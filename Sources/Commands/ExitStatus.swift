/// How `htrctl` ends. Thrown, it ends the command with nothing more printed.
enum ExitStatus: Int32, Error {
  case success = 0
  case jobFailed = 1
  case invalid = 2
  case jobStopped = 3
  case timedOut = 4
  case unreachable = 5
  case troubled = 6
  case detached = 130

  /// The exit status that mirrors how a job ended.
  init(jobStatus: String) {
    switch jobStatus {
    case "Completed": self = .success
    case "Stopped": self = .jobStopped
    default: self = .jobFailed
    }
  }

  /// The exit status that mirrors several jobs: one that failed weighs more than one that was stopped.
  init(jobStatuses: [String]) {
    let all = jobStatuses.map { ExitStatus(jobStatus: $0) }
    self = all.contains(.jobFailed) ? .jobFailed : all.contains(.jobStopped) ? .jobStopped : .success
  }

  /// Ends the command with this status unless it is a success.
  func end() throws {
    if self != .success { throw self }
  }
}
