public import HostKit
public import Resources

extension TransformJob {
  /// Something that happened to a transform job: the only way in which its record changes.
  public enum Event: Sendable, Equatable {
    /// The machine has room for its workers.
    case slotGranted
    /// The list of its inputs is complete and on record.
    case planned(total: Int)
    case stopRequested
    /// All its workers have ended.
    case ended(Ending, Progress)
  }

  /// How the work on a job came to its end.
  public enum Ending: Sendable, Equatable {
    /// Every input was looked at.
    case finished
    case failed(reason: String)
    /// Broken off before the end, because that was asked for.
    case stopped
  }

  /// Applies one event. Pure: the same job, event and time always give the same answer. Late events change nothing.
  public mutating func apply(_ event: Event, at now: Timestamp) {
    guard !status.isTerminal else { return }
    switch event {
    case .slotGranted:
      guard startedAt == nil else { return }
      startedAt = now
    case .planned(let total):
      guard !isPlanned else { return }
      isPlanned = true
      progress.total = total
    case .stopRequested:
      guard status == .inProgress else { return }
      status = .stopping
    case .ended(let ending, let progress): end(ending, progress, at: now)
    }
    modifiedAt = max(modifiedAt, now)
  }

  /// A job whose last object was done when the stop came is complete: nothing of it is missing.
  private mutating func end(_ ending: Ending, _ progress: Progress, at now: Timestamp) {
    self.progress = progress
    switch ending {
    case .finished: status = .completed
    case .stopped: status = .stopped
    case .failed(let reason):
      // Whoever stops a job does not ask any more what was wrong with it.
      status = status == .stopping ? .stopped : .failed
      if status == .failed { failureReason = String(reason.prefix(Self.longestReason)) }
    }
    endedAt = max(now, createdAt)
  }

  /// Characters of a FailureReason on the wire.
  private static let longestReason = 1024
}
