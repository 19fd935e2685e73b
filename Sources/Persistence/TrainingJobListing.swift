internal import GRDB
import HostKit
import JSONKit
public import Resources

extension Store {
  /// One page of jobs, even those whose record cannot be read. They carry what a listing shows, not their requests.
  public func trainingJobs(matching query: ResourceQuery) async throws(StoreError) -> [TrainingJob] {
    try await read { db in try ResourceTable.trainingJobs.summaries(matching: query, in: db).map(Self.trainingJob) }
  }

  private static func trainingJob(from row: Row) -> TrainingJob {
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
