import Synchronization

/// Lets one at a time go on for each name, in the order of arrival; different names do not wait for each other.
final class Turns: Sendable {
  /// Names whose turn is taken, and who waits for the next one.
  private let taken = Mutex<[String: [CheckedContinuation<Void, Never>]]>([:])

  /// Returns when it is the caller's turn; `leave` must follow.
  func enter(_ name: String) async {
    await withCheckedContinuation { continuation in
      let isFree = taken.withLock { taken in
        guard taken[name] != nil else {
          taken[name] = []
          return true
        }
        taken[name]?.append(continuation)
        return false
      }
      if isFree { continuation.resume() }
    }
  }

  func leave(_ name: String) {
    let next = taken.withLock { taken -> CheckedContinuation<Void, Never>? in
      guard taken[name]?.isEmpty == false else {
        taken[name] = nil
        return nil
      }
      return taken[name]?.removeFirst()
    }
    next?.resume()
  }
}
