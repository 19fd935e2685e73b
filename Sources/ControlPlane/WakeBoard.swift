import Synchronization
import Wire

/// Where those who wait for a change of a record are woken. Nobody polls: a change is announced after its commit.
///
/// Subscribe first, then look, then wait: a change between the look and the wait is still in the stream.
final class WakeBoard: Sendable {
  private struct State: Sendable {
    var nextID = 0
    var waiting: [String: [Int: AsyncStream<Void>.Continuation]] = [:]
  }

  private let state = Mutex(State())

  /// Changes of some records: yields (at least) once for each burst, until it is cancelled or dropped.
  struct Subscription: Sendable {
    let changes: AsyncStream<Void>
    fileprivate let continuation: AsyncStream<Void>.Continuation

    func cancel() { continuation.finish() }
  }

  func changes(of names: [String]) -> AsyncStream<Void> { subscribe(to: names).changes }

  func subscribe(to names: [String]) -> Subscription {
    let (stream, continuation) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
    let id = state.withLock { state in
      state.nextID += 1
      for name in names { state.waiting[name, default: [:]][state.nextID] = continuation }
      return state.nextID
    }
    continuation.onTermination = { [self] _ in
      state.withLock { state in
        for name in names {
          state.waiting[name]?[id] = nil
          if state.waiting[name]?.isEmpty == true { state.waiting[name] = nil }
        }
      }
    }
    return Subscription(changes: stream, continuation: continuation)
  }

  func announce(_ name: String) {
    let continuations = state.withLock { $0.waiting[name].map { Array($0.values) } ?? [] }
    for continuation in continuations { continuation.yield() }
  }
}

extension WakeBoard {
  /// Looks, and looks again after each change, until it is true or the time is over.
  func isTrue(
    within seconds: Double, lookingAgainAt changes: AsyncStream<Void>,
    _ isTrue: @escaping @Sendable () async throws -> Bool
  ) async throws(ServiceError) -> Bool {
    do {
      if try await isTrue() { return true }
      return try await withThrowingTaskGroup(of: Bool.self) { group in
        group.addTask {
          for await _ in changes where try await isTrue() { return true }
          return false
        }
        group.addTask {
          try await Task.sleep(for: .seconds(seconds))
          return false
        }
        defer { group.cancelAll() }
        return try await group.next() ?? false
      }
    } catch let error as ServiceError {
      throw error
    } catch { throw ServiceError(.serviceUnavailable, "The daemon is shutting down; ask again.") }
  }
}
