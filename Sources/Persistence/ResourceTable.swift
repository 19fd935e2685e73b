internal import GRDB
import Resources

/// A table of named resources: what training jobs, models, endpoint configurations and endpoints have in common.
///
/// Names are unique without regard to case, and found by their exact spelling.
struct ResourceTable: Sendable {
  let name: String
  /// What one row is called in messages.
  let noun: String
  /// What a listing reads: never a record that could be damaged.
  let summaryColumns: String
  /// Expressions for what a query filters and sorts by. A resource without a status has the empty one, and one that
  /// never changes was changed when it was made.
  var status = "status"
  var modified = "modified_at"

  static let trainingJobs = ResourceTable(
    name: "training_jobs", noun: "training job",
    summaryColumns: """
      id, name, region, account, status, secondary_status, priority, created_at, modified_at, ended_at
      """)
  static let models = ResourceTable(
    name: "models", noun: "model", summaryColumns: "id, name, region, account, created_at", status: "''",
    modified: "created_at")
  static let endpointConfigs = ResourceTable(
    name: "endpoint_configs", noun: "endpoint configuration",
    summaryColumns: "id, name, region, account, created_at", status: "''", modified: "created_at")
  static let endpoints = ResourceTable(
    name: "endpoints", noun: "endpoint",
    summaryColumns: "id, name, region, account, status, created_at, modified_at, version")

  static let transformJobs = ResourceTable(
    name: "transform_jobs", noun: "transform job",
    summaryColumns: "id, name, region, account, status, created_at, modified_at, ended_at, version, failure_reason")

  static let all = [trainingJobs, models, endpointConfigs, endpoints, transformJobs]

  /// The ids of all tables come from one counter: the greatest that any of them holds.
  static func greatestID(in db: Database) throws -> Int64 {
    try all.map { try Int64.fetchOne(db, sql: "SELECT max(id) FROM \($0.name)") ?? 0 }.max() ?? 0
  }

  /// Throws `nameTaken` when the name is in use.
  func insert(
    _ values: KeyValuePairs<String, (any DatabaseValueConvertible)?>, named resource: String, in db: Database
  ) throws {
    let columns = values.map(\.key).joined(separator: ", ")
    let marks = values.map { _ in "?" }.joined(separator: ", ")
    do {
      try db.cachedStatement(sql: "INSERT INTO \(name) (\(columns)) VALUES (\(marks))")
        .execute(arguments: StatementArguments(values.map(\.value)))
    } catch let error as DatabaseError where error.extendedResultCode == .SQLITE_CONSTRAINT_UNIQUE {
      throw StoreError(.nameTaken, "\(noun) \(resource) (in some spelling) exists")
    }
  }

  func row(named resource: String, in db: Database) throws -> Row? {
    try Row.fetchOne(
      db.cachedStatement(sql: "SELECT * FROM \(name) WHERE name = ?1 AND name = ?1 COLLATE BINARY"),
      arguments: [resource])
  }

  /// The row whose ARN ends in this lower-case name.
  func row(withARNName resource: String, in db: Database) throws -> Row? {
    try Row.fetchOne(db.cachedStatement(sql: "SELECT * FROM \(name) WHERE name = ?"), arguments: [resource])
  }

  /// Removes a row with its tags; false when it was gone already (the tags are then those of a later one of its name).
  func delete(id: Int64, _ resource: AmazonResourceName, in db: Database) throws -> Bool {
    try db.cachedStatement(sql: "DELETE FROM \(name) WHERE id = ?").execute(arguments: [id])
    guard db.changesCount == 1 else { return false }
    try db.cachedStatement(sql: "DELETE FROM tags WHERE resource = ?").execute(arguments: [resource.description])
    return true
  }

  func countByStatus(in db: Database) throws -> [String: Int] {
    var counts: [String: Int] = [:]
    let rows = try Row.fetchCursor(db, sql: "SELECT status, count(*) AS n FROM \(name) GROUP BY status")
    while let row = try rows.next() { counts[row["status"]] = row["n"] }
    return counts
  }

  func unreadable(_ resource: String) -> StoreError {
    StoreError(
      .unreadable,
      "The record of \(noun) \(resource) cannot be read; it is kept as it is in the table \(name). Restore it from a backup, or delete the \(noun)."
    )
  }
}
