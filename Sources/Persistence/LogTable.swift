internal import GRDB
public import HostKit

/// A log group that a client made.
public struct LogGroupRecord: Sendable, Equatable {
  public let name: String
  public let createdAt: Timestamp
  /// For how many days its events are kept; nil: for ever.
  public let retentionDays: Int?
}

/// A log stream that a client made.
public struct LogStreamRecord: Sendable, Equatable {
  public let id: Int64
  public let name: String
  public let createdAt: Timestamp
  public let ingestedAt: Timestamp?
  /// Milliseconds since 1970 of the first and the last event; nil when there is none.
  public let first: Int64?
  public let last: Int64?
}

/// An event of such a stream.
public struct LogEventRecord: Sendable, Equatable {
  /// Time in milliseconds << 20 | count: unique within its stream, in the order of time.
  public let position: Int64
  public let ingestedAt: Timestamp
  public let message: String

  public static func position(ofTime time: Int64) -> Int64 { time << 20 }
  /// Milliseconds since 1970.
  public var time: Int64 { position >> 20 }
}

extension Store {
  /// False when there is one of that name.
  public func createLogGroup(_ name: String, at now: Timestamp) async throws(StoreError) -> Bool {
    try await write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO log_groups (name, created_at) VALUES (?, ?)", arguments: [name, now.milliseconds])
      return db.changesCount == 1
    }
  }

  /// False when there is none of that name. Streams and events go with it.
  public func deleteLogGroup(_ name: String) async throws(StoreError) -> Bool {
    try await write { db in
      try db.execute(sql: "DELETE FROM log_groups WHERE name = ?", arguments: [name])
      return db.changesCount == 1
    }
  }

  public func logGroups() async throws(StoreError) -> [LogGroupRecord] {
    try await read { db in
      try Row.fetchAll(db, sql: "SELECT name, created_at, retention_days FROM log_groups ORDER BY name").map {
        LogGroupRecord(
          name: $0["name"], createdAt: Timestamp(milliseconds: $0["created_at"]), retentionDays: $0["retention_days"])
      }
    }
  }

  /// Sets for how many days a group's events are kept (nil: for ever) and removes what is older. False when there is no
  /// group of that name.
  public func keepLogEvents(of group: String, days: Int?, at now: Timestamp) async throws(StoreError) -> Bool {
    try await write { db in
      try db.execute(sql: "UPDATE log_groups SET retention_days = ? WHERE name = ?", arguments: [days, group])
      guard db.changesCount == 1 else { return false }
      let streams = try Int64.fetchAll(db, sql: "SELECT id FROM log_streams WHERE log_group = ?", arguments: [group])
      for stream in streams { try Self.removeExpired(ofStream: stream, at: now, db) }
      return true
    }
  }

  /// Removes a stream's events that are older than its group keeps them.
  private static func removeExpired(ofStream id: Int64, at now: Timestamp, _ db: Database) throws {
    let days = try Int64.fetchOne(
      db,
      sql: """
        SELECT retention_days FROM log_groups JOIN log_streams ON log_group = log_groups.name WHERE log_streams.id = ?
        """, arguments: [id])
    guard let days else { return }
    let oldest = LogEventRecord.position(ofTime: max(0, now.milliseconds - days * 86_400_000))
    try db.execute(sql: "DELETE FROM log_events WHERE stream_id = ? AND position < ?", arguments: [id, oldest])
  }

  /// False when there is one of that name in the group, which must be there.
  public func createLogStream(_ name: String, in group: String, at now: Timestamp) async throws(StoreError) -> Bool {
    try await write { db in
      try db.execute(
        sql: "INSERT OR IGNORE INTO log_streams (log_group, name, created_at) VALUES (?, ?, ?)",
        arguments: [group, name, now.milliseconds])
      return db.changesCount == 1
    }
  }

  public func deleteLogStream(_ id: Int64) async throws(StoreError) {
    try await write { db in try db.execute(sql: "DELETE FROM log_streams WHERE id = ?", arguments: [id]) }
  }

  /// The streams of a group, by name.
  /// - Parameter name: only this one.
  public func logStreams(in group: String, named name: String? = nil) async throws(StoreError) -> [LogStreamRecord] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT id, name, created_at, ingested_at,
            (SELECT min(position) FROM log_events WHERE stream_id = id) AS first,
            (SELECT max(position) FROM log_events WHERE stream_id = id) AS last
          FROM log_streams WHERE log_group = ? AND (? IS NULL OR name = ?) ORDER BY name
          """, arguments: [group, name, name]
      ).map { row in
        LogStreamRecord(
          id: row["id"], name: row["name"], createdAt: Timestamp(milliseconds: row["created_at"]),
          ingestedAt: (row["ingested_at"] as Int64?).map(Timestamp.init(milliseconds:)),
          first: (row["first"] as Int64?).map { $0 >> 20 }, last: (row["last"] as Int64?).map { $0 >> 20 })
      }
    }
  }

  /// Appends events behind those of the same time; those that are too old by now go.
  public func append(
    _ events: [(time: Int64, message: String)], toLogStream id: Int64, at now: Timestamp
  ) async throws(StoreError) {
    try await write { db in
      for event in events {
        let start = LogEventRecord.position(ofTime: event.time)
        try db.cachedStatement(
          sql: """
            INSERT INTO log_events (stream_id, position, ingested_at, message)
            SELECT :stream, coalesce(max(position) + 1, :start), :now, :message FROM log_events
            WHERE stream_id = :stream AND position BETWEEN :start AND :start + 1048575
            """
        ).execute(arguments: ["stream": id, "start": start, "now": now.milliseconds, "message": event.message])
      }
      try db.execute(
        sql: "UPDATE log_streams SET ingested_at = ? WHERE id = ?", arguments: [now.milliseconds, id])
      try Self.removeExpired(ofStream: id, at: now, db)
    }
  }

  /// Events from a position on, or the last before it; in the order of time either way.
  public func logEvents(
    ofStream id: Int64, from position: Int64, backward: Bool = false, limit: Int
  ) async throws(StoreError) -> [LogEventRecord] {
    try await read { db in
      let rows = try Row.fetchAll(
        db,
        sql: "SELECT position, ingested_at, message FROM log_events WHERE stream_id = ? AND position "
          + (backward ? "< ? ORDER BY position DESC" : ">= ? ORDER BY position") + " LIMIT ?",
        arguments: [id, position, limit]
      ).map {
        LogEventRecord(
          position: $0["position"], ingestedAt: Timestamp(milliseconds: $0["ingested_at"]), message: $0["message"])
      }
      return backward ? rows.reversed() : rows
    }
  }
}
