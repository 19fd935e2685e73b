import Synchronization

/// Lets one thread at a time work on what bears a name; others of that name wait, those of other names do not.
final class BlockingTurns: Sendable {
  private final class Turn: Sendable { let lock = Mutex(()) }

  private struct Taken: Sendable {
    let turn: Turn
    /// Who works or waits.
    var threads: Int
  }

  private let taken = Mutex<[String: Taken]>([:])

  func take<Result: Sendable, Failure: Error>(
    _ name: String, _ body: () throws(Failure) -> Result
  ) throws(Failure) -> Result {
    let turn = taken.withLock { all in
      var entry = all[name] ?? Taken(turn: Turn(), threads: 0)
      entry.threads += 1
      all[name] = entry
      return entry.turn
    }
    defer {
      taken.withLock { all in
        all[name]?.threads -= 1
        if all[name]?.threads == 0 { all[name] = nil }
      }
    }
    return try turn.lock.withLock { (_) throws(Failure) -> Result in try body() }
  }

  /// Runs `body`, which must be short, if nobody works on the name nor waits to; nobody begins to meanwhile.
  func ifFree<Failure: Error>(_ name: String, _ body: () throws(Failure) -> Void) throws(Failure) {
    try taken.withLock { (all) throws(Failure) in if all[name] == nil { try body() } }
  }
}
