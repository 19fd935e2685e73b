import HostKit

/// How long a client puts up with a daemon that is away, for instance because it is being restarted.
public struct Patience: Sendable {
  /// Time without an answer after which the client gives up.
  public var limit: Duration
  /// The longest pause between two tries. The first try follows at once.
  public var longestPause: Duration

  public init(limit: Duration = .seconds(60), longestPause: Duration = .seconds(1)) {
    self.limit = limit
    self.longestPause = longestPause
  }

  public static let usual = Patience()
}

/// One stretch of time in which the daemon did not answer.
struct Outage {
  private let patience: Patience
  private var since: ContinuousClock.Instant?
  private var nextPause = Duration.zero
  private var isAnnounced = false

  init(_ patience: Patience) { self.patience = patience }

  /// The daemon has answered: the next failure starts a new stretch.
  mutating func end() {
    self = Outage(patience)
  }

  /// Pauses before the next try; false when patience is at its end. the first `reason` is announced.
  mutating func pause(because reason: String?, announce: (String) -> Void) -> Bool {
    let now = ContinuousClock.now
    let start = since ?? now
    guard since == nil || now - start < patience.limit else { return false }
    since = start
    if !isAnnounced, let reason {
      announce(reason)
      isAnnounced = true
    }
    nextPause.sleep()
    nextPause = min(max(nextPause * 2, .milliseconds(20)), patience.longestPause)
    return true
  }
}

extension DaemonClient {
  /// Carries out a request that may safely be repeated, again and again until the daemon answers or patience ends.
  public func persistently<Answer>(
    _ patience: Patience = .usual, onOutage: (String) -> Void = { _ in },
    _ request: () throws -> Answer
  ) throws -> Answer {
    var outage = Outage(patience)
    while true {
      do {
        return try request()
      } catch {
        guard isPassing(error), outage.pause(because: "\(error)", announce: onOutage) else {
          throw error
        }
      }
    }
  }
}

/// True when an error may be gone once the daemon is back.
func isPassing(_ error: any Error) -> Bool {
  (error as? ClientError)?.isPassing ?? (error as? ServiceError)?.isPassing ?? false
}
