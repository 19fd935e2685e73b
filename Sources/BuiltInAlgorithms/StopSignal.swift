import Glibc

/// SIGTERM as something to look at between steps, not something that interrupts them.
///
/// The signal is blocked and taken from the queue: no handler runs at odd moments and no wait can miss it.
public struct StopSignal {
  /// Whether the worker has been asked to stop.
  public private(set) var isReceived = false

  public init() {
    var signals = Self.terminate
    sigprocmask(SIG_BLOCK, &signals, nil)
  }

  /// From now on SIGTERM has no effect at all.
  public func ignore() {
    signal(SIGTERM, SIG_IGN)
    // A blocked signal waits to be taken even when it is ignored.
    var signals = Self.terminate
    sigprocmask(SIG_UNBLOCK, &signals, nil)
  }

  /// Waits for a time, or until the worker is asked to stop. With 0 seconds it only looks.
  @discardableResult
  public mutating func wait(seconds: Double) -> Bool {
    var signals = Self.terminate
    let deadline = Self.now() + seconds
    while !isReceived {
      let left = max(0, deadline - Self.now())
      var time = timespec(
        tv_sec: Int(min(left, 1e9)), tv_nsec: Int(left.truncatingRemainder(dividingBy: 1) * 1e9))
      if sigtimedwait(&signals, nil, &time) == SIGTERM { isReceived = true }
      if left == 0 { break }
    }
    return isReceived
  }

  static var terminate: sigset_t {
    var signals = sigset_t()
    sigemptyset(&signals)
    sigaddset(&signals, SIGTERM)
    return signals
  }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
