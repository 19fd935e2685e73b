import NIOCore
import Synchronization

/// Closes a connection over which nothing has moved for a while: a body may take hours, but not stand still.
final class StallGuard: Sendable {
  private static let patience = TimeAmount.seconds(60)

  private let steps: Steps
  private let timer: RepeatedTask

  private final class Steps: Sendable {
    let count = Atomic<Int>(0)
    let seen = Atomic<Int>(-1)
  }

  init(_ channel: any Channel) {
    let steps = Steps()
    self.steps = steps
    timer = channel.eventLoop.scheduleRepeatedTask(initialDelay: Self.patience, delay: Self.patience) { _ in
      let now = steps.count.load(ordering: .relaxed)
      if steps.seen.exchange(now, ordering: .relaxed) == now { channel.close(promise: nil) }
    }
  }

  func progress() { steps.count.wrappingAdd(1, ordering: .relaxed) }

  func end() { timer.cancel() }
}
