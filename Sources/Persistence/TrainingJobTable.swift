internal import GRDB
public import HostKit
import JSONKit
public import Resources

/// A row of the event log.
public struct EventRecord: Sendable, Equatable {
  public let at: Timestamp
  public let kind: String
  public let detail: String

  public init(at: Timestamp, kind: String, detail: String) {
    self.at = at
    self.kind = kind
    self.detail = detail
  }
}

extension Store {
  /// Adds a job with its tags and first events. `nameTaken` when the name is in use; exactly one of many wins.
  public func insert(_ job: TrainingJob, tags: [Tag], events: [EventRecord]) async throws(StoreError) {
    try await write { db in
      try ResourceTable.trainingJobs.insert(TrainingJobRow.values(of: job), named: job.name, in: db)
      for event in events { try Self.insert(event, of: job.id, in: db) }
      try Self.put(tags, on: job.arn, in: db)
    }
  }

  /// Replaces a job's record if it is still at the version before, and notes why. `conflict` otherwise.
  public func update(_ job: TrainingJob, event: EventRecord) async throws(StoreError) {
    try await write { db in
      try db.cachedStatement(sql: TrainingJobRow.updateSQL).execute(
        arguments: TrainingJobRow.updateArguments(of: job))
      guard db.changesCount == 1 else {
        throw StoreError(.conflict, "training job \(job.name) changed meanwhile")
      }
      try Self.insert(event, of: job.id, in: db)
    }
  }

  /// nil when there is no such job.
  public func trainingJob(named name: String) async throws(StoreError) -> TrainingJob? {
    try await read { db in try ResourceTable.trainingJobs.row(named: name, in: db).map(TrainingJobRow.decode) }
  }

  /// The job whose ARN ends in this lower-case name; nil when there is none.
  public func trainingJob(withARNName name: String) async throws(StoreError) -> TrainingJob? {
    try await read { db in
      try ResourceTable.trainingJobs.row(withARNName: name, in: db).map(TrainingJobRow.decode)
    }
  }

  /// Every job that has not ended, in the order of arrival, and the names of those whose record cannot be read.
  public func activeTrainingJobs() throws(StoreError) -> (jobs: [TrainingJob], unreadable: [String]) {
    try readNow { db in
      var jobs: [TrainingJob] = []
      var unreadable: [String] = []
      let rows = try Row.fetchCursor(
        db,
        sql: "SELECT * FROM training_jobs WHERE status IN ('InProgress', 'Stopping') ORDER BY id")
      while let row = try rows.next() {
        do { jobs.append(try TrainingJobRow.decode(row)) } catch { unreadable.append(row["name"]) }
      }
      return (jobs, unreadable)
    }
  }

  public func allTrainingJobNames() async throws(StoreError) -> Set<String> {
    try await read { db in try Set(String.fetchCursor(db, sql: "SELECT name FROM training_jobs")) }
  }

  /// Removes a job with everything on record about it; false when it was gone already.
  @discardableResult
  public func delete(_ job: TrainingJob) async throws(StoreError) -> Bool {
    try await write { db in try ResourceTable.trainingJobs.delete(id: job.id, job.arn, in: db) }
  }

  /// Jobs by status.
  public func countTrainingJobs() async throws(StoreError) -> [String: Int] {
    try await read { db in try ResourceTable.trainingJobs.countByStatus(in: db) }
  }

  public func events(of job: TrainingJob) async throws(StoreError) -> [EventRecord] {
    try await read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM training_job_events WHERE job_id = ? ORDER BY id LIMIT 10000",
        arguments: [job.id]
      ).map { row in
        EventRecord(
          at: Timestamp(milliseconds: row["at"]), kind: row["kind"], detail: row["detail"])
      }
    }
  }

  private static func insert(_ event: EventRecord, of job: Int64, in db: Database) throws {
    try db.cachedStatement(
      sql: "INSERT INTO training_job_events (job_id, at, kind, detail) VALUES (?, ?, ?, ?)"
    ).execute(arguments: [job, event.at.milliseconds, event.kind, event.detail])
  }
}

/// A job as a row, and back.
enum TrainingJobRow {
  static let updateSQL = """
    UPDATE training_jobs SET status = ?, secondary_status = ?, modified_at = ?, ended_at = ?,
      state = ?, version = ?, request = ? WHERE id = ? AND version = ?
    """

  static func values(of job: TrainingJob) -> KeyValuePairs<String, (any DatabaseValueConvertible)?> {
    [
      "id": job.id, "name": job.name, "region": job.region, "account": job.account, "priority": job.priority,
      "created_at": job.createdAt.milliseconds, "demand": job.demand.json.text, "request": job.request.text,
      "status": job.status.rawValue, "secondary_status": job.secondaryStatus.rawValue,
      "modified_at": job.modifiedAt.milliseconds, "ended_at": job.endedAt?.milliseconds,
      "state": job.stateJSON.text, "version": job.version,
    ]
  }

  static func updateArguments(of job: TrainingJob) -> StatementArguments {
    [
      job.status.rawValue, job.secondaryStatus.rawValue, job.modifiedAt.milliseconds,
      job.endedAt?.milliseconds, job.stateJSON.text, job.version, job.request.text, job.id,
      job.version - 1,
    ]
  }

  /// Throws `unreadable`, naming the job, when the row is not what this version writes.
  static func decode(_ row: Row) throws -> TrainingJob {
    let name: String = row["name"]
    guard let request = try? JSON(parsing: row["request"] as String),
      let demand = (try? JSON(parsing: row["demand"] as String)).flatMap(ResourceDemand.init(json:)),
      let state = try? JSON(parsing: row["state"] as String),
      let status = TrainingJobStatus(rawValue: row["status"]),
      let secondaryStatus = SecondaryStatus(rawValue: row["secondary_status"])
    else { throw ResourceTable.trainingJobs.unreadable(name) }
    var job = TrainingJob(
      id: row["id"], name: name, region: row["region"], account: row["account"], request: request,
      priority: row["priority"], demand: demand,
      createdAt: Timestamp(milliseconds: row["created_at"]))
    guard job.restoreState(from: state) else { throw ResourceTable.trainingJobs.unreadable(name) }
    job.status = status
    job.secondaryStatus = secondaryStatus
    job.modifiedAt = Timestamp(milliseconds: row["modified_at"])
    job.endedAt = (row["ended_at"] as Int64?).map(Timestamp.init(milliseconds:))
    job.version = row["version"]
    return job
  }
}
