import GRDB
import HostKit
import JSONKit
import Persistence
import Resources
import Testing

@Suite(.timeLimit(.minutes(2))) struct SchemaTests {
  private let later = [
    "async_invocations", "endpoint_figures", "endpoint_events", "endpoints", "endpoint_configs", "models",
    "transform_inputs", "transform_job_events", "transform_jobs", "log_events", "log_streams", "log_groups",
  ]

  private func insertJob(into store: Store) async throws -> TrainingJob {
    let now = Timestamp.now()
    let job = TrainingJob(
      id: store.nextID(at: now), name: "old", region: "us-east-1", account: "000000000000", request: ["N": "old"],
      priority: 3, demand: ResourceDemand(cpus: 1, memoryBytes: 1, gpus: 0), createdAt: now)
    try await store.insert(job, tags: [Tag(key: "k", value: "v")], events: [])
    return job
  }

  @Test func `a store of the first version keeps its jobs and learns of endpoints`() async throws {
    try await withStore { store, path in
      let job = try await insertJob(into: store)
      try await DatabaseQueue(path: path).write { db in
        for table in later { try db.execute(sql: "DROP TABLE \(table)") }
        try db.execute(sql: "DELETE FROM grdb_migrations WHERE identifier <> 'v001_trainingJobs'")
      }
      let upgraded = try Store(path: path)
      #expect(try await upgraded.trainingJob(named: "old") == job)
      #expect(try await upgraded.tags(on: job.arn) == [Tag(key: "k", value: "v")])
      #expect(try await countRows(later, at: path) == later.map { _ in 0 })
      #expect(upgraded.nextID(at: Timestamp(milliseconds: 0)) > job.id)
    }
  }

  @Test(arguments: ["training_jobs", "models", "endpoint_configs", "endpoints", "transform_jobs"])
  func `pages by creation time walk a narrow index`(table: String) async throws {
    try await withStore { store, path in
      let plan = try await DatabaseQueue(path: path).read { db in
        try Row.fetchAll(
          db,
          sql: """
            EXPLAIN QUERY PLAN SELECT id FROM \(table) WHERE instr(name, 'x') > 0 AND id > 5 ORDER BY id ASC LIMIT 10
            """
        ).map { $0["detail"] as String }
      }
      #expect(plan.contains { $0.contains("COVERING INDEX \(table)_listing") }, "\(plan)")
      #expect(!plan.contains { $0.contains("TEMP B-TREE") }, "\(plan)")
    }
  }
}
