import Foundation
import Synchronization

/// A few threads for work that waits on the disk, so that it never holds up the threads that serve requests.
final class BlockingThreads: Sendable {
  private struct State {
    var waiting: [@Sendable () -> Void] = []
    var head = 0
  }

  private let state = Mutex(State())
  private let available = DispatchSemaphore(value: 0)

  init(name: String, count: Int) {
    for number in 1...count {
      let thread = Thread { [self] in work() }
      thread.name = "\(name)-\(number)"
      thread.stackSize = 1 << 20
      thread.start()
    }
  }

  /// Runs the body on one of the threads and waits for it without blocking the caller's.
  func run<Result: Sendable>(_ body: @escaping @Sendable () throws -> Result) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      state.withLock { state in
        state.waiting.append { continuation.resume(with: Swift.Result { try body() }) }
      }
      available.signal()
    }
  }

  private func work() {
    while true {
      available.wait()
      let next = state.withLock { state -> (@Sendable () -> Void)? in
        guard state.head < state.waiting.count else { return nil }
        let next = state.waiting[state.head]
        state.head += 1
        if state.head == state.waiting.count {
          state.waiting.removeAll(keepingCapacity: true)
          state.head = 0
        }
        return next
      }
      next?()
    }
  }
}
