import NIOCore

/// A time-out that is set for every request and rarely rings: setting it later or putting it off costs no timer.
///
/// Used on one event loop only. One timer of the loop is kept, which looks when it fires whether its time has come.
final class Alarm {
  private let loop: NIOIsolatedEventLoop
  private var ring: (() -> Void)?
  private var deadline: NIODeadline?
  private var timer: (task: Scheduled<Void>, at: NIODeadline)?

  /// - Parameter ring: called on the loop; it must not keep the alarm's owner alive.
  init(on loop: any EventLoop, ring: @escaping () -> Void) {
    self.loop = loop.assumeIsolated()
    self.ring = ring
  }

  func set(_ time: NIODeadline) {
    deadline = time
    if let timer {
      if timer.at <= time { return }
      timer.task.cancel()
    }
    schedule(at: time)
  }

  func unset() { deadline = nil }

  /// For good: the alarm's owner ends.
  func stop() {
    deadline = nil
    timer?.task.cancel()
    timer = nil
    ring = nil
  }

  private func schedule(at time: NIODeadline) {
    timer = (loop.scheduleTask(deadline: time) { [weak self] in self?.fire() }, time)
  }

  private func fire() {
    timer = nil
    guard let deadline else { return }
    if deadline <= .now() {
      self.deadline = nil
      ring?()
    } else {
      schedule(at: deadline)
    }
  }
}
