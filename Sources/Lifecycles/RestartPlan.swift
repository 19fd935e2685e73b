/// When a worker that has ended is started again, and when that has become hopeless. Pure.
public struct RestartPlan: Sendable, Equatable {
  /// How one worker's life went.
  public enum Life: Sendable, Equatable {
    /// It was never healthy. A final one would fail again in the same way: there is no point in trying.
    case neverReady(isFinal: Bool)
    case ready(seconds: Double)
  }

  /// A worker that was healthy for less than this has ended at once.
  private static let shortLife = 1.0
  private static let pauses = [0, 0.1, 0.4, 1.6, 5, 10, 30]
  /// Ends in a row after which a place is hopeless: of workers that never were healthy, and of those that were.
  private static let mostStartFailures = 3
  private static let mostShortLives = 6

  private var startFailures = 0
  private var shortLives = 0
  public private(set) var isHopeless = false

  public init() {}

  /// Takes note of an end; returns the seconds to wait before the next start.
  public mutating func note(_ life: Life) -> Double {
    switch life {
    case .ready(let seconds) where seconds >= Self.shortLife:
      self = RestartPlan()
      return 0
    case .ready:
      startFailures = 0
      shortLives += 1
    case .neverReady(let isFinal):
      startFailures += 1
      shortLives += 1
      if isFinal { startFailures = max(startFailures, Self.mostStartFailures) }
    }
    isHopeless = startFailures >= Self.mostStartFailures || shortLives >= Self.mostShortLives
    return Self.pauses[min(max(startFailures, shortLives) - 1, Self.pauses.count - 1)]
  }
}
