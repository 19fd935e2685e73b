import Synchronization

/// Something did not happen in time.
public struct Overdue: Error, CustomStringConvertible {
  public let what: String
  public init(what: String) { self.what = what }

  public var description: String { "still waiting for \(what)" }
}

/// Values that come from somewhere else, for a test to wait for: the event itself wakes it.
public final class Mailbox<Value: Sendable>: Sendable {
  private struct State {
    var values: [Value] = []
    var waiters: [CheckedContinuation<Void, Never>] = []
  }

  private let state = Mutex(State())

  public init() {}

  /// All that has come so far, taken or not.
  public var values: [Value] { state.withLock { $0.values } }

  public func send(_ value: Value) {
    let waiters = state.withLock { state in
      state.values.append(value)
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }

  /// The first value, come or yet to come, that fits.
  public func first(
    _ what: String, within limit: Duration = .seconds(20),
    where fits: @escaping @Sendable (Value) -> Bool = { _ in true }
  ) async throws -> Value {
    let alarm = Task {
      try await Task.sleep(for: limit)
      self.wakeAll()
    }
    defer { alarm.cancel() }
    let deadline = ContinuousClock.now + limit
    var seen = 0
    while true {
      let values = self.values
      if let found = values[seen...].first(where: fits) { return found }
      seen = values.count
      guard ContinuousClock.now < deadline else { throw Overdue(what: what) }
      await waitForMore(than: seen)
    }
  }

  private func waitForMore(than count: Int) async {
    await withCheckedContinuation { continuation in
      let isHere = state.withLock { state in
        if state.values.count == count { state.waiters.append(continuation) }
        return state.values.count > count
      }
      if isHere { continuation.resume() }
    }
  }

  private func wakeAll() {
    let waiters = state.withLock { state in
      defer { state.waiters = [] }
      return state.waiters
    }
    for waiter in waiters { waiter.resume() }
  }
}

/// Waits for something that announces itself by no event (the process table, a file of another program) by looking at
/// it every few milliseconds. Prefer `Mailbox` wherever there is an event.
public func waitUntil(
  _ what: String, within limit: Duration = .seconds(20), _ holds: () throws -> Bool
) async throws {
  let deadline = ContinuousClock.now + limit
  while try !holds() {
    guard ContinuousClock.now < deadline else { throw Overdue(what: what) }
    try await Task.sleep(for: .milliseconds(5))
  }
}
