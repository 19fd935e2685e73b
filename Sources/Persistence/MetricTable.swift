internal import GRDB
public import HostKit

/// One value of a series. `position` makes it unique within the series: the byte of the log at which its line ends, or
/// the time of a sample; storing a point twice changes nothing.
public struct MetricPoint: Sendable, Equatable {
  public let name: String
  public let position: Int64
  public let at: Timestamp
  public let value: Double

  public init(name: String, position: Int64, at: Timestamp, value: Double) {
    self.name = name
    self.position = position
    self.at = at
    self.value = value
  }
}

extension Store {
  /// Adds points, and how much of the log they were read from, in one step: a scan that is interrupted goes on without
  /// losing or repeating a value. A job that is gone meanwhile is no error.
  public func addMetrics(
    _ points: [MetricPoint], toJob job: Int64, consumedLogBytes: Int64? = nil
  ) async throws(StoreError) {
    try await write { db in
      guard
        try Bool.fetchOne(
          db.cachedStatement(sql: "SELECT EXISTS (SELECT 1 FROM training_jobs WHERE id = ?)"),
          arguments: [job]) == true
      else { return }
      let insert = try db.cachedStatement(
        sql: """
          INSERT OR IGNORE INTO training_job_metrics (job_id, name, position, at, value)
          VALUES (?, ?, ?, ?, ?)
          """)
      for point in points {
        try insert.execute(arguments: [
          job, point.name, point.position, point.at.milliseconds, point.value,
        ])
      }
      if let consumedLogBytes {
        try db.cachedStatement(
          sql: "INSERT OR REPLACE INTO training_job_log_scans (job_id, consumed_bytes) VALUES (?, ?)"
        ).execute(arguments: [job, consumedLogBytes])
      }
    }
  }

  /// The bytes of the job's log whose metrics are stored.
  public func consumedLogBytes(ofJob job: Int64) async throws(StoreError) -> Int64 {
    try await read { db in
      try Int64.fetchOne(
        db, sql: "SELECT consumed_bytes FROM training_job_log_scans WHERE job_id = ?",
        arguments: [job]) ?? 0
    }
  }

  /// All points of a job by series and position; at most `limit` of each series, the latest.
  public func metrics(ofJob job: Int64, limit: Int = 100_000) async throws(StoreError) -> [MetricPoint] {
    try await read { db in
      let names = try String.fetchAll(
        db, sql: "SELECT DISTINCT name FROM training_job_metrics WHERE job_id = ? ORDER BY name",
        arguments: [job])
      return try names.flatMap { name in
        try Row.fetchAll(
          db,
          sql: """
            SELECT * FROM training_job_metrics WHERE job_id = ? AND name = ?
            ORDER BY position DESC LIMIT ?
            """, arguments: [job, name, limit]
        ).reversed().map { row in
          MetricPoint(
            name: name, position: row["position"], at: Timestamp(milliseconds: row["at"]),
            value: row["value"])
        }
      }
    }
  }

  /// The points of one series within a time, in their order; when there are more than `limit`, the latest.
  public func metrics(
    ofJob job: Int64, named name: String, from: Timestamp, to: Timestamp, limit: Int
  ) async throws(StoreError) -> [MetricPoint] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT position, at, value FROM training_job_metrics WHERE job_id = ? AND name = ? AND at >= ? AND at < ?
          ORDER BY position DESC LIMIT ?
          """, arguments: [job, name, from.milliseconds, to.milliseconds, limit]
      ).reversed().map {
        MetricPoint(
          name: name, position: $0["position"], at: Timestamp(milliseconds: $0["at"]), value: $0["value"])
      }
    }
  }

  /// The names of jobs' series, newest job first.
  /// - Parameter job: only of this one.
  public func metricNames(ofJob job: String? = nil) async throws(StoreError) -> [(job: String, metric: String)] {
    try await read { db in
      try Row.fetchAll(
        db,
        sql: """
          SELECT DISTINCT training_jobs.id, training_jobs.name AS job, training_job_metrics.name AS metric
          FROM training_jobs JOIN training_job_metrics ON job_id = training_jobs.id
          WHERE ?1 IS NULL OR training_jobs.name = ?1 ORDER BY training_jobs.id DESC, metric LIMIT 100000
          """, arguments: [job]
      ).map { (job: $0["job"], metric: $0["metric"]) }
    }
  }

  /// The last value of each series.
  public func finalMetrics(ofJob job: Int64) async throws(StoreError) -> [MetricPoint] {
    try await metrics(ofJob: job, limit: 1)
  }
}
