import WorkerContract

/// Whether and why the worker is being ended, and when patience ends. Pure.
struct StopPlan {
  private(set) var cause: WorkerExit.Cause?
  private(set) var message: String?
  /// When to kill, on the monotonic clock.
  private(set) var killAt: Int64?

  /// True when this is the first reason to stop, so that TERM is due. The first reason stays the cause; a later one can
  /// only bring the end nearer.
  mutating func begin(
    _ cause: WorkerExit.Cause, message: String? = nil, grace: Int64, now: Int64
  ) -> Bool {
    let isFirst = self.cause == nil
    if isFirst {
      self.cause = cause
      self.message = message
    }
    killAt = min(killAt ?? .max, now + grace)
    return isFirst && grace > 0
  }

  /// True when it is time to kill; time comes again each second, should something survive.
  mutating func isKillDue(now: Int64) -> Bool {
    guard let killAt, now >= killAt else { return false }
    self.killAt = now + 1000
    return true
  }
}
