internal import GRDB
public import HostKit

/// A count or a sum over one minute of one variant of an endpoint: requests, errors, seconds of compute. A mean is told
/// by two of them.
public struct EndpointFigure: Sendable, Equatable {
  public let variant: String
  public let name: String
  /// The minute's beginning.
  public let minute: Timestamp
  public let value: Double

  /// Any moment of the minute will do.
  public init(variant: String, name: String, minute: Timestamp, value: Double) {
    self.variant = variant
    self.name = name
    self.minute = Timestamp(milliseconds: minute.milliseconds - minute.milliseconds % 60_000)
    self.value = value
  }
}

extension Store {
  /// How long figures are kept: 15 days.
  private static let figuresAreKeptFor: Int64 = 15 * 24 * 3600 * 1000
  private static let figuresPerCommit = 5_000

  /// Adds each value to what its minute holds already, and drops what is 15 days older than the newest of them. Values
  /// that are no finite number are left out; an endpoint that is gone meanwhile is no error.
  public func add(_ figures: [EndpointFigure], ofEndpoint id: Int64) async throws(StoreError) {
    guard let newest = figures.map(\.minute.milliseconds).max() else { return }
    try await write { db in
      let isThere = try Bool.fetchOne(
        db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM endpoints WHERE id = ?)"), arguments: [id])
      guard isThere == true else { return }
      let insert = try db.cachedStatement(
        sql: """
          INSERT INTO endpoint_figures (endpoint_id, minute, variant, name, value) VALUES (?, ?, ?, ?, ?)
          ON CONFLICT DO UPDATE SET value = value + excluded.value
          """)
      for figure in figures where figure.value.isFinite {
        try insert.execute(arguments: [id, figure.minute.milliseconds, figure.variant, figure.name, figure.value])
      }
      try db.cachedStatement(sql: "DELETE FROM endpoint_figures WHERE endpoint_id = ? AND minute < ?")
        .execute(arguments: [id, newest - Self.figuresAreKeptFor])
    }
  }

  /// The figures of the minutes that begin at `from` or later and before `to`, oldest first; when there are more than
  /// `limit`, the latest.
  public func figures(
    ofEndpoint id: Int64, from: Timestamp, to: Timestamp, limit: Int = 100_000
  ) async throws(StoreError) -> [EndpointFigure] {
    try await read { db in
      try Row.fetchAll(
        db.cachedStatement(
          sql: """
            SELECT minute, variant, name, value FROM endpoint_figures
            WHERE endpoint_id = ? AND minute >= ? AND minute < ?
            ORDER BY minute DESC, variant DESC, name DESC LIMIT ?
            """),
        arguments: [id, from.milliseconds, to.milliseconds, limit]
      ).reversed().map { row in
        EndpointFigure(
          variant: row["variant"], name: row["name"], minute: Timestamp(milliseconds: row["minute"]),
          value: row["value"])
      }
    }
  }

  /// The variants that have figures, with their endpoints.
  public func endpointsWithFigures() async throws(StoreError) -> [(endpoint: String, variant: String)] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT DISTINCT endpoints.name AS endpoint, variant FROM endpoints
          JOIN endpoint_figures ON endpoint_id = endpoints.id ORDER BY endpoints.name, variant
          """
      ).map { (endpoint: $0["endpoint"], variant: $0["variant"]) }
    }
  }

  /// Removes all figures of an endpoint in many small commits: half a million rows in one would keep everybody else's
  /// commit waiting.
  func deleteFigures(ofEndpoint id: Int64) async throws(StoreError) {
    var isDone = false
    while !isDone {
      isDone = try await write { db in
        try db.cachedStatement(
          sql: """
            DELETE FROM endpoint_figures WHERE endpoint_id = ?1 AND minute <= coalesce(
              (SELECT minute FROM endpoint_figures WHERE endpoint_id = ?1 ORDER BY minute LIMIT 1 OFFSET ?2), ?3)
            """
        ).execute(arguments: [id, Self.figuresPerCommit, Int64.max])
        return db.changesCount <= Self.figuresPerCommit
      }
    }
  }
}
