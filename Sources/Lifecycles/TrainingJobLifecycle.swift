public import HostKit
import JSONKit
public import Resources

/// How an attempt ended, once its archives are published.
public struct AttemptEnding: Sendable, Equatable {
  public enum Verdict: Sendable, Equatable {
    case succeeded
    case stopped
    case maximumRuntimeExceeded
    case failed(Failure)
  }

  public var verdict: Verdict
  public var exitCode: Int?
  public var signal: Int?
  public var workerStartedAt: Timestamp?
  public var workerEndedAt: Timestamp?
  public var cpuSeconds: Double?
  public var peakMemoryBytes: Int64?
  public var model: TrainingJob.Artifact?
  public var output: TrainingJob.Artifact?
  public var finalMetrics: [TrainingJob.FinalMetric]

  public init(verdict: Verdict, finalMetrics: [TrainingJob.FinalMetric] = []) {
    self.verdict = verdict
    self.finalMetrics = finalMetrics
  }
}

extension TrainingJob {
  /// Something that happened to a job: the only way in which its record changes.
  public enum Event: Sendable, Equatable {
    /// The dispatcher gave the job a slot; the attempt is named by a fresh token.
    case slotGranted(token: String)
    /// Why the job waits (shown, not a transition of its own unless it just began to wait).
    case mustWait(reason: String)
    case downloading(message: String)
    case workerStarted(at: Timestamp)
    /// The worker has ended; `isWaitingForRoom` when the disk has no room for its artifacts.
    case packing(isWaitingForRoom: Bool)
    case attemptEnded(AttemptEnding)
    case stopRequested
    /// StoppingCondition.MaxPendingTimeInSeconds or MaxWaitTimeInSeconds is over and the job has not started.
    case pendingTimeExceeded(isMaximumWait: Bool)
  }

  /// What the control plane must do because of an event. Effects are idempotent and named by (job, attempt).
  public enum Effect: Sendable, Equatable {
    case enqueue
    case dequeue
    case launch
    case stopWorker
    /// The job has ended: free its slot, remove what its attempt no longer needs.
    case finish
    /// The attempt has ended and another follows.
    case releaseSlot
  }

  /// An event that makes no sense in the job's present status.
  public struct IllegalTransition: Error, Equatable {
    public let status: SecondaryStatus
    public let event: Event
  }

  /// The first transition of a new job and its effects.
  public mutating func begin(at now: Timestamp) -> [Effect] {
    enter(.starting, "Preparing the instances for training", at: now)
    return [.enqueue]
  }

  /// Applies one event. Pure: the same job, event and time always give the same answer. Late events of an attempt or a
  /// job that has already ended change nothing and have no effect.
  public mutating func apply(
    _ event: Event, at now: Timestamp
  ) throws(IllegalTransition) -> [Effect] {
    guard !status.isTerminal else { return [] }
    switch event {
    case .slotGranted(let token): return try grantSlot(token: token, at: now)
    case .mustWait(let reason): return wait(reason, at: now)
    case .downloading(let message):
      // Progress may be told late; what has started is no longer downloading.
      guard attempts.last?.startedAt == nil else { return [] }
      return report(.downloading, message, at: now)
    case .workerStarted(let start): return workerStarted(at: start, now: now)
    case .packing(let isWaiting):
      let text =
        isWaiting
        ? "The disk is full: free some space, and the model will be packed" : "Uploading generated training model"
      return report(.uploading, text, at: now)
    case .stopRequested: return requestStop(at: now)
    case .attemptEnded(let ending): return endAttempt(ending, at: now)
    case .pendingTimeExceeded(let isMaximumWait):
      guard isQueued else { return [] }
      let (status, limit): (SecondaryStatus, String) =
        isMaximumWait
        ? (.maxWaitTimeExceeded, "MaxWaitTimeInSeconds")
        : (.stopped, "MaxPendingTimeInSeconds")
      end(.stopped, status, "Training job waited longer than the \(limit) provided", at: now)
      return [.dequeue, .finish]
    }
  }

  /// Waits for a slot: no attempt is under way.
  public var isQueued: Bool {
    !status.isTerminal && (attempts.isEmpty || attempts.last?.endedAt != nil)
  }

  private mutating func grantSlot(
    token: String, at now: Timestamp
  ) throws(IllegalTransition) -> [Effect] {
    guard isQueued, status == .inProgress else {
      throw IllegalTransition(status: secondaryStatus, event: .slotGranted(token: token))
    }
    attempts.append(Attempt(number: attempts.count + 1, token: token))
    if secondaryStatus == .pending || secondaryStatus == .restarting {
      enter(.starting, "Starting the training job", at: now)
    } else {
      modifiedAt = now
    }
    return [.launch]
  }

  private mutating func wait(_ reason: String, at now: Timestamp) -> [Effect] {
    guard isQueued, transitions.last?.message != reason else { return [] }
    if secondaryStatus == .pending {
      transitions[transitions.count - 1].message = reason
      modifiedAt = now
    } else {
      enter(.pending, reason, at: now)
    }
    return []
  }

  /// Progress of a running attempt; while the job is stopping its status stays Stopping.
  private mutating func report(
    _ status: SecondaryStatus, _ message: String, at now: Timestamp
  ) -> [Effect] {
    guard !isStopRequested, !isQueued else { return [] }
    if secondaryStatus == status {
      transitions[transitions.count - 1].message = message
      modifiedAt = now
    } else {
      enter(status, message, at: now)
    }
    return []
  }

  private mutating func workerStarted(at start: Timestamp, now: Timestamp) -> [Effect] {
    guard !attempts.isEmpty, attempts[attempts.count - 1].startedAt == nil else { return [] }
    attempts[attempts.count - 1].startedAt = start
    if trainingStartedAt == nil { trainingStartedAt = start }
    guard !isStopRequested else { return [] }
    enter(.training, "Training image download completed. Training in progress.", at: now)
    return []
  }

  private mutating func requestStop(at now: Timestamp) -> [Effect] {
    if isStopRequested { return [] }
    isStopRequested = true
    if isQueued {
      end(.stopped, .stopped, "Training job stopped", at: now)
      return [.dequeue, .finish]
    }
    status = .stopping
    enter(.stopping, "Stopping the training job", at: now)
    return [.stopWorker]
  }

  private mutating func endAttempt(_ ending: AttemptEnding, at now: Timestamp) -> [Effect] {
    guard !isQueued else { return [] }
    record(ending, at: now)
    switch ending.verdict {
    case .succeeded where !isStopRequested:
      end(.completed, .completed, "Training job completed", at: now)
    case .failed(let failure) where !isStopRequested:
      if failure.failureClass == .internal, attempts.count <= maximumRetries {
        enter(
          .restarting,
          "Restarting the training job, attempt \(attempts.count + 1) of \(maximumRetries + 1), after \(failure.reason)",
          at: now)
        return [.releaseSlot, .enqueue]
      }
      failureReason = failure.reason
      end(.failed, .failed, "Training job failed", at: now)
    case .maximumRuntimeExceeded where !isStopRequested:
      end(
        .stopped, .maxRuntimeExceeded, "Training job runtime exceeded MaxRuntimeInSeconds provided",
        at: now)
    default:
      end(.stopped, .stopped, "Training job stopped", at: now)
    }
    return [.finish]
  }

  private mutating func record(_ ending: AttemptEnding, at now: Timestamp) {
    let last = attempts.count - 1
    attempts[last].startedAt = attempts[last].startedAt ?? ending.workerStartedAt
    attempts[last].endedAt = ending.workerEndedAt ?? now
    attempts[last].exitCode = ending.exitCode
    attempts[last].signal = ending.signal
    attempts[last].cpuSeconds = ending.cpuSeconds
    attempts[last].peakMemoryBytes = ending.peakMemoryBytes
    if trainingStartedAt == nil { trainingStartedAt = attempts[last].startedAt }
    model = ending.model
    output = ending.output
    if !ending.finalMetrics.isEmpty { finalMetrics = ending.finalMetrics }
    if let start = ending.workerStartedAt, secondaryStatus != .training, !isStopRequested,
      !transitions.contains(where: { $0.status == .training && $0.startedAt >= start })
    {
      // A short job may end before its start was heard of: its record still shows that it trained.
      enter(.training, "Training image download completed. Training in progress.", at: start)
    }
    if ending.model != nil, secondaryStatus == .training, !isStopRequested {
      enter(.uploading, "Uploading generated training model", at: ending.workerEndedAt ?? now)
    }
  }

  /// RetryStrategy.MaximumRetryAttempts of the request.
  private var maximumRetries: Int {
    Int(request["RetryStrategy"]?["MaximumRetryAttempts"]?.integer ?? 0)
  }

  private mutating func end(
    _ status: TrainingJobStatus, _ secondary: SecondaryStatus, _ message: String, at now: Timestamp
  ) {
    self.status = status
    enter(secondary, message, at: now)
    let end = transitions[transitions.count - 1].startedAt
    transitions[transitions.count - 1].endedAt = end
    endedAt = end
  }

  /// Closes the entry before and opens the next. Times never run backwards, whatever the clock does.
  private mutating func enter(_ status: SecondaryStatus, _ message: String, at now: Timestamp) {
    let start = max(now, transitions.last?.startedAt ?? now)
    if !transitions.isEmpty { transitions[transitions.count - 1].endedAt = start }
    transitions.append(Transition(status: status, startedAt: start, message: message))
    secondaryStatus = status
    modifiedAt = max(modifiedAt, start)
  }
}
