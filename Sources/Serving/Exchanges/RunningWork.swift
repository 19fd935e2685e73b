import NIOCore
import Synchronization

/// Work of the daemon's own on one event loop.
protocol LoopWork: AnyObject {
  func start()
  /// Nobody wants what it gives any more.
  func abandon()
}

/// A piece of work and the wish to break it off, whichever comes first. Used on the work's loop only, but for its making.
final class RunningWork<Work: LoopWork>: Sendable {
  private struct State {
    var work: NIOLoopBound<Work>?
    var isCancelled = false
  }

  private let state = Mutex(State())

  func begin(_ work: NIOLoopBound<Work>) {
    let isCancelled = state.withLock { state in
      state.work = work
      return state.isCancelled
    }
    if isCancelled { work.value.abandon() } else { work.value.start() }
  }

  func cancel() {
    let work = state.withLock { state in
      state.isCancelled = true
      return state.work
    }
    work?.value.abandon()
  }
}
