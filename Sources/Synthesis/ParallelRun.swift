import Dispatch
import Synchronization

/// Many pieces of work of the same kind, spread over threads; the results come in order.
struct ParallelRun {
  let count: Int
  let threads: Int
  /// Taken by a thread at a time: few enough that none waits long for the last.
  private static let batch = 16

  private struct State<Result> {
    var next = 0
    var done = 0
    var results: [Result?]
    var failure: (any Error)?
  }

  init(count: Int, threads: Int) {
    self.count = count
    self.threads = max(1, min(threads, 256))
  }

  /// - Parameter progress: called with the count of those done, one call at a time.
  /// - Throws: the first error of `work`; what other threads have begun is ended first.
  func results<Result: Sendable>(
    progress: @escaping @Sendable (Int) -> Void, work: @escaping @Sendable (Int) throws -> Result
  ) throws -> [Result] {
    let state = Mutex(State<Result>(results: Array(repeating: nil, count: count)))
    DispatchQueue.concurrentPerform(iterations: threads) { _ in
      while let range = nextRange(state) {
        do {
          let results = try range.map(work)
          state.withLock { state in
            for (index, result) in zip(range, results) { state.results[index] = result }
            state.done += range.count
            progress(state.done)
          }
        } catch {
          state.withLock { $0.failure = $0.failure ?? error }
        }
      }
    }
    return try state.withLock { state in
      if let failure = state.failure { throw failure }
      return state.results.compactMap { $0 }
    }
  }

  private func nextRange<Result>(_ state: borrowing Mutex<State<Result>>) -> Range<Int>? {
    state.withLock { state in
      guard state.failure == nil, state.next < count else { return nil }
      defer { state.next = min(count, state.next + Self.batch) }
      return state.next..<min(count, state.next + Self.batch)
    }
  }
}
