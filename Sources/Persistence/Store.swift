internal import GRDB
public import HostKit
import Synchronization

/// The store of jobs, models and endpoints: one SQLite database, WAL, every commit synced before it is acknowledged.
public final class Store: Sendable {
  private let pool: DatabasePool
  private let committer: GroupCommitter
  private let lastID: Mutex<Int64>

  /// Opens or makes the database and brings its tables up to date. A database of a newer version is refused untouched.
  public init(path: String) throws(StoreError) {
    do {
      var configuration = Configuration()
      configuration.maximumReaderCount = 4
      configuration.busyMode = .timeout(5)
      configuration.label = "htr.store"
      pool = try DatabasePool(path: path, configuration: configuration)
      try pool.writeWithoutTransaction { db in
        // Acknowledged means durable, also after a power cut; and only GroupCommitter decides when to checkpoint.
        try db.execute(sql: "PRAGMA synchronous = FULL; PRAGMA wal_autocheckpoint = 0")
      }
      let migrator = Schema.migrator
      guard try !pool.read({ try migrator.hasBeenSuperseded($0) }) else {
        throw StoreError(
          .newerVersion,
          "\(path) was written by a newer version of htr. Install that version, or restore a backup made with this one; the file is left as it is."
        )
      }
      try migrator.migrate(pool)
      let greatest = try pool.read { db in try ResourceTable.greatestID(in: db) }
      lastID = Mutex(greatest)
      committer = GroupCommitter(writer: pool)
    } catch {
      throw Self.storeError(error, doing: "open \(path)")
    }
  }

  /// A fresh id in time order: later ids are greater, whatever the clock does.
  public func nextID(at now: Timestamp) -> Int64 {
    lastID.withLock { last in
      last = max(last + 1, now.milliseconds << 20)
      return last
    }
  }

  /// Runs one unit of work in the next commit. All of it or none of it happens, and it is on the disk when this returns.
  func write<Result: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Result
  ) async throws(StoreError) -> Result {
    do { return try await committer.write(body) } catch { throw Self.storeError(error, doing: "write to the store") }
  }

  func read<Result: Sendable>(
    _ body: @escaping @Sendable (Database) throws -> Result
  ) async throws(StoreError) -> Result {
    do { return try await pool.read(body) } catch { throw Self.storeError(error, doing: "read the store") }
  }

  /// For the start of the daemon, before anything runs beside it.
  func readNow<Result>(_ body: (Database) throws -> Result) throws(StoreError) -> Result {
    do { return try pool.read(body) } catch { throw Self.storeError(error, doing: "read the store") }
  }

  /// Writes the state of one instant into a new database, while others go on reading and writing. Blocks its thread.
  /// - Returns: the names of training jobs that had not ended then.
  public func snapshot(to path: String) throws(StoreError) -> [String] {
    do {
      let copy = try DatabaseQueue(path: path)
      try pool.backup(to: copy)
      return try copy.read { db in
        try String.fetchAll(db, sql: "SELECT name FROM training_jobs WHERE ended_at IS NULL ORDER BY id")
      }
    } catch {
      throw Self.storeError(error, doing: "write the snapshot \(path)")
    }
  }

  /// The names of training jobs that ended before a time.
  public func trainingJobNames(endedBefore time: Timestamp) async throws(StoreError) -> [String] {
    try await read { db in
      try String.fetchAll(
        db, sql: "SELECT name FROM training_jobs WHERE ended_at < ? ORDER BY id", arguments: [time.milliseconds])
    }
  }

  /// The durability settings in force: what tests hold the promise of durable commits against.
  public func durability() async throws(StoreError) -> (journal: String, synchronous: Int) {
    do {
      return try await pool.writeWithoutTransaction { db in
        (
          try String.fetchOne(db, sql: "PRAGMA journal_mode") ?? "",
          try Int.fetchOne(db, sql: "PRAGMA synchronous") ?? -1
        )
      }
    } catch { throw Self.storeError(error, doing: "read the store") }
  }

  private static func storeError(_ error: any Error, doing what: String) -> StoreError {
    if let error = error as? StoreError { return error }
    guard let error = error as? DatabaseError else {
      return StoreError(.unavailable, "cannot \(what): \(error)")
    }
    if error.resultCode == .SQLITE_FULL {
      return StoreError(.diskFull, "cannot \(what): the disk is full. Free some space; nothing was changed.")
    }
    return StoreError(.unavailable, "cannot \(what): \(error.message ?? "\(error.resultCode)")")
  }
}
