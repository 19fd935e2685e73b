internal import GRDB
public import HostKit
import JSONKit
public import Resources

/// What to list: filters, order and where the page begins.
public struct TrainingJobQuery: Sendable {
  public enum Order: Sendable { case name, creationTime, status }

  public var nameContains: String?
  public var status: TrainingJobStatus?
  public var createdAfter: Timestamp?
  public var createdBefore: Timestamp?
  public var modifiedAfter: Timestamp?
  public var modifiedBefore: Timestamp?
  public var order: Order = .creationTime
  public var isAscending = true
  public var limit = 10
  /// The sort value and id of the last row of the page before.
  public var after: (value: String, id: Int64)?

  public init() {}
}

extension Store {
  /// One page in the query's order, from the table's columns alone: even a job whose record cannot be read is shown.
  /// The jobs carry what a listing shows, not their requests. Rows that are added meanwhile never shift a page: it goes on after its last row.
  public func trainingJobs(matching query: TrainingJobQuery) async throws(StoreError) -> [TrainingJob] {
    let (sql, arguments) = Self.statement(for: query)
    return try await read { db in
      try Row.fetchAll(db.cachedStatement(sql: sql), arguments: arguments).map(Self.summary)
    }
  }

  private static func statement(for query: TrainingJobQuery) -> (String, StatementArguments) {
    var conditions: [String] = []
    var arguments = StatementArguments()
    func add(_ condition: String, _ values: (any DatabaseValueConvertible)...) {
      conditions.append(condition)
      arguments += StatementArguments(values)
    }
    if let text = query.nameContains { add("instr(name, ?) > 0", text) }
    if let status = query.status { add("status = ?", status.rawValue) }
    // Ids hold the creation time, so that these filters are a range of the primary key.
    if let time = query.createdAfter { add("id > ?", (time.milliseconds << 20) | 0xFFFFF) }
    if let time = query.createdBefore { add("id < ?", time.milliseconds << 20) }
    if let time = query.modifiedAfter { add("modified_at > ?", time.milliseconds) }
    if let time = query.modifiedBefore { add("modified_at < ?", time.milliseconds) }
    let comparison = query.isAscending ? ">" : "<"
    let direction = query.isAscending ? "ASC" : "DESC"
    let order: String
    switch query.order {
    case .creationTime:
      if let after = query.after { add("id \(comparison) ?", after.id) }
      order = "id \(direction)"
    case .name:
      if let after = query.after { add("name \(comparison) ?", after.value) }
      order = "name \(direction)"
    case .status:
      if let after = query.after { add("(status, id) \(comparison) (?, ?)", after.value, after.id) }
      order = "status \(direction), id \(direction)"
    }
    // The inner query walks a narrow covering index; only the rows of the page are read as a whole.
    let filter = conditions.isEmpty ? "" : "WHERE \(conditions.joined(separator: " AND "))"
    let sql = """
      SELECT id, name, region, account, status, secondary_status, priority, created_at, modified_at,
        ended_at FROM training_jobs WHERE id IN
        (SELECT id FROM training_jobs \(filter) ORDER BY \(order) LIMIT ?) ORDER BY \(order)
      """
    return (sql, arguments + [query.limit])
  }

  private static func summary(_ row: Row) -> TrainingJob {
    var job = TrainingJob(
      id: row["id"], name: row["name"], region: row["region"], account: row["account"],
      request: .null, priority: row["priority"],
      demand: ResourceDemand(cpus: 0, memoryBytes: 0, gpus: 0),
      createdAt: Timestamp(milliseconds: row["created_at"]))
    job.status = TrainingJobStatus(rawValue: row["status"]) ?? .inProgress
    job.secondaryStatus = SecondaryStatus(rawValue: row["secondary_status"]) ?? .starting
    job.modifiedAt = Timestamp(milliseconds: row["modified_at"])
    job.endedAt = (row["ended_at"] as Int64?).map(Timestamp.init(milliseconds:))
    return job
  }
}
