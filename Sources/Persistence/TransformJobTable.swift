internal import GRDB
import HostKit
import JSONKit
public import Resources

extension Store {
  /// Adds a job with its tags and first event. `nameTaken` when the name is in use; exactly one of many wins.
  public func insert(_ job: TransformJob, tags: [Tag], event: EventRecord) async throws(StoreError) {
    try await write { db in
      try ResourceTable.transformJobs.insert(
        [
          "id": job.id, "name": job.name, "region": job.region, "account": job.account,
          "status": job.status.rawValue, "created_at": job.createdAt.milliseconds,
          "modified_at": job.modifiedAt.milliseconds, "ended_at": job.endedAt?.milliseconds, "version": job.version,
          "failure_reason": job.failureReason, "state": job.stateJSON.text,
          "containers": JSON.array(job.containers.map(\.json)).text, "request": job.request.text,
        ], named: job.name, in: db)
      try Self.insert(event, ofTransformJob: job.id, in: db)
      try Self.put(tags, on: job.arn, in: db)
    }
  }

  /// Replaces a job's record if it is still at the version before, and notes why. `conflict` otherwise. The list of a job
  /// that has ended goes: nobody reads it any more.
  public func update(_ job: TransformJob, event: EventRecord) async throws(StoreError) {
    try await write { db in
      try db.cachedStatement(
        sql: """
          UPDATE transform_jobs SET status = ?, modified_at = ?, ended_at = ?, failure_reason = ?, state = ?, version = ?
          WHERE id = ? AND version = ?
          """
      ).execute(arguments: [
        job.status.rawValue, job.modifiedAt.milliseconds, job.endedAt?.milliseconds, job.failureReason,
        job.stateJSON.text, job.version, job.id, job.version - 1,
      ])
      guard db.changesCount == 1 else {
        throw StoreError(.conflict, "transform job \(job.name) changed meanwhile")
      }
      if job.status.isTerminal { try Self.deleteInputs(ofTransformJob: job.id, in: db) }
      try Self.insert(event, ofTransformJob: job.id, in: db)
    }
  }

  /// nil when there is no such job.
  public func transformJob(named name: String) async throws(StoreError) -> TransformJob? {
    try await read { db in try ResourceTable.transformJobs.row(named: name, in: db).map(Self.transformJob) }
  }

  /// The job whose ARN ends in this lower-case name; nil when there is none.
  public func allTransformJobNames() async throws(StoreError) -> Set<String> {
    try await read { db in try Set(String.fetchCursor(db, sql: "SELECT name FROM transform_jobs")) }
  }

  public func transformJob(withARNName name: String) async throws(StoreError) -> TransformJob? {
    try await read { db in try ResourceTable.transformJobs.row(withARNName: name, in: db).map(Self.transformJob) }
  }

  /// Every job that has not ended, in the order of arrival, and the names of those whose record cannot be read.
  public func activeTransformJobs() throws(StoreError) -> (jobs: [TransformJob], unreadable: [String]) {
    try readNow { db in
      var jobs: [TransformJob] = []
      var unreadable: [String] = []
      let rows = try Row.fetchCursor(
        db, sql: "SELECT * FROM transform_jobs WHERE status IN ('InProgress', 'Stopping') ORDER BY id")
      while let row = try rows.next() {
        do { jobs.append(try Self.transformJob(from: row)) } catch { unreadable.append(row["name"]) }
      }
      return (jobs, unreadable)
    }
  }

  /// One page of jobs, even those whose record cannot be read. They carry what a listing shows, no request.
  public func transformJobs(matching query: ResourceQuery) async throws(StoreError) -> [TransformJob] {
    try await read { db in
      try ResourceTable.transformJobs.summaries(matching: query, in: db).map { row in
        Self.transformJob(from: row, request: .null, containers: [])
      }
    }
  }

  /// Transform jobs by status.
  public func countTransformJobs() async throws(StoreError) -> [String: Int] {
    try await read { db in try ResourceTable.transformJobs.countByStatus(in: db) }
  }

  /// The events of a job, oldest first.
  public func events(ofTransformJob job: TransformJob) async throws(StoreError) -> [EventRecord] {
    try await read { db in
      try Row.fetchAll(
        db, sql: "SELECT * FROM transform_job_events WHERE job_id = ? ORDER BY number", arguments: [job.id]
      ).map { row in
        EventRecord(at: Timestamp(milliseconds: row["at"]), kind: row["kind"], detail: row["detail"])
      }
    }
  }

  private static func insert(_ event: EventRecord, ofTransformJob id: Int64, in db: Database) throws {
    try db.cachedStatement(
      sql: """
        INSERT INTO transform_job_events (job_id, number, at, kind, detail)
        SELECT ?1, coalesce(max(number), 0) + 1, ?2, ?3, ?4 FROM transform_job_events WHERE job_id = ?1
        """
    ).execute(arguments: [id, event.at.milliseconds, event.kind, event.detail])
  }

  private static func transformJob(from row: Row) throws -> TransformJob {
    // Why it is unreadable says nothing more than that it is.
    guard let state = try? JSON(parsing: row["state"] as String),
      let request = try? JSON(parsing: row["request"] as String),
      let items = (try? JSON(parsing: row["containers"] as String))?.array, !items.isEmpty
    else { throw ResourceTable.transformJobs.unreadable(row["name"]) }
    let containers = items.compactMap(Model.Container.init(json:))
    var job = transformJob(from: row, request: request, containers: containers)
    guard containers.count == items.count, job.restoreState(from: state) else {
      throw ResourceTable.transformJobs.unreadable(row["name"])
    }
    return job
  }

  private static func transformJob(from row: Row, request: JSON, containers: [Model.Container]) -> TransformJob {
    var job = TransformJob(
      id: row["id"], name: row["name"], region: row["region"], account: row["account"], request: request,
      containers: containers, createdAt: Timestamp(milliseconds: row["created_at"]))
    // The schema allows no other statuses than these.
    job.status = TransformJobStatus(rawValue: row["status"]) ?? .failed
    job.modifiedAt = Timestamp(milliseconds: row["modified_at"])
    job.endedAt = (row["ended_at"] as Int64?).map(Timestamp.init(milliseconds:))
    job.version = row["version"]
    job.failureReason = row["failure_reason"]
    return job
  }
}
