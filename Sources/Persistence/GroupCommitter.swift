internal import GRDB
import Synchronization

/// One writer, many callers: everything that waits when a commit begins goes into that commit.
///
/// Each caller's work runs in a savepoint of its own, so one that fails takes nobody along; all are answered only after
/// the shared commit has reached the disk. Checkpoints run on this same connection, between batches and only when nobody
/// waits: no other connection ever resets the WAL while this one writes.
final class GroupCommitter: Sendable {
  private struct Work: Sendable {
    let run: @Sendable (Database) -> Void
    let finish: @Sendable ((any Error)?) -> Void
  }

  private struct State: Sendable {
    var waiting: [Work] = []
    var isDraining = false
    var changesAtCheckpoint = 0
  }

  private let writer: DatabasePool
  private let state = Mutex(State())

  /// Most callers that share one commit: bounds the time that the first of them waits.
  private static let largestBatch = 512
  /// Rows changed after which an idle writer moves the WAL into the database, and after which even a busy one does. A
  /// changed row is a page or two of WAL, so it stays below some 100 MB.
  private static let idleCheckpointChanges = 2_000
  private static let forcedCheckpointChanges = 12_000

  init(writer: DatabasePool) { self.writer = writer }

  func write<Result: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Result
  ) async throws -> Result {
    try await withCheckedThrowingContinuation { continuation in
      let outcome = Mutex<Swift.Result<Result, any Error>?>(nil)
      let work = Work(
        run: { db in
          let result = Swift.Result { try Self.inSavepoint(db) { try body(db) } }
          outcome.withLock { $0 = result }
        },
        finish: { commitFailure in
          if let commitFailure {
            continuation.resume(throwing: commitFailure)
          } else if let result = outcome.withLock({ $0 }) {
            continuation.resume(with: result)
          }
        })
      enqueue(work)
    }
  }

  private func enqueue(_ work: Work) {
    let mustStart = state.withLock { state in
      state.waiting.append(work)
      defer { state.isDraining = true }
      return !state.isDraining
    }
    if mustStart {
      writer.asyncWriteWithoutTransaction { db in self.drain(db) }
    }
  }

  private func drain(_ db: Database) {
    while true {
      let batch = state.withLock { state in
        let batch = Array(state.waiting.prefix(Self.largestBatch))
        state.waiting.removeFirst(batch.count)
        if batch.isEmpty { state.isDraining = false }
        return batch
      }
      if batch.isEmpty { return }
      commit(batch, in: db)
      checkpointIfDue(db)
    }
  }

  private func commit(_ batch: [Work], in db: Database) {
    do {
      try db.inTransaction(.immediate) {
        for work in batch { work.run(db) }
        return .commit
      }
      for work in batch { work.finish(nil) }
    } catch {
      for work in batch { work.finish(error) }
    }
  }

  private static func inSavepoint<Result>(
    _ db: Database, _ body: () throws -> Result
  ) throws -> Result {
    var result: Result?
    try db.inSavepoint {
      result = try body()
      return .commit
    }
    guard let result else { throw StoreError(.unavailable, "a transaction gave no result") }
    return result
  }

  private func checkpointIfDue(_ db: Database) {
    let changes = db.totalChangesCount
    let (isIdle, since) = state.withLock { ($0.waiting.isEmpty, changes - $0.changesAtCheckpoint) }
    guard since >= (isIdle ? Self.idleCheckpointChanges : Self.forcedCheckpointChanges) else { return }
    // A checkpoint that cannot finish (a reader is in the way, the disk is full) is tried again when as much is due
    // again; until then every commit is safe in the WAL.
    _ = try? db.checkpoint(.passive)
    state.withLock { $0.changesAtCheckpoint = changes }
  }
}
