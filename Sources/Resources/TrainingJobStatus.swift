/// SageMaker's primary status of a training job.
public enum TrainingJobStatus: String, Sendable, CaseIterable {
  case inProgress = "InProgress"
  case completed = "Completed"
  case failed = "Failed"
  case stopping = "Stopping"
  case stopped = "Stopped"

  /// Nothing changes a job in such a status any more.
  public var isTerminal: Bool {
    switch self {
    case .completed, .failed, .stopped: true
    case .inProgress, .stopping: false
    }
  }
}

/// SageMaker's secondary status: what a job is doing, or how it ended.
public enum SecondaryStatus: String, Sendable, CaseIterable {
  case starting = "Starting"
  case pending = "Pending"
  case downloading = "Downloading"
  case training = "Training"
  case uploading = "Uploading"
  case restarting = "Restarting"
  case stopping = "Stopping"
  case completed = "Completed"
  case failed = "Failed"
  case stopped = "Stopped"
  case maxRuntimeExceeded = "MaxRuntimeExceeded"
  case maxWaitTimeExceeded = "MaxWaitTimeExceeded"
}

/// Who is to blame for a failure: the first word of a FailureReason.
public enum FailureClass: String, Sendable {
  /// The worker's own program failed.
  case algorithm = "AlgorithmError"
  /// The request, its data or its code cannot work.
  case client = "ClientError"
  /// The machine or htr failed: the only class that a RetryStrategy retries.
  case `internal` = "InternalServerError"
}

/// A failure as users read it: class, reason, at most 1,024 characters.
public struct Failure: Sendable, Equatable {
  public let failureClass: FailureClass
  public let message: String

  public init(_ failureClass: FailureClass, _ message: String) {
    self.failureClass = failureClass
    self.message = message
  }

  public var reason: String { String("\(failureClass.rawValue): \(message)".prefix(1024)) }
}
