import GRDB
import HostKit
import JSONKit
import Lifecycles
import Persistence
import Resources
import Testing

@Suite(.timeLimit(.minutes(2))) struct StoreTests {
  private func job(_ name: String, _ store: Store, at time: Timestamp = .now()) -> TrainingJob {
    var job = TrainingJob(
      id: store.nextID(at: time), name: name, region: "us-east-1", account: "000000000000",
      request: ["N": .string(name)],
      priority: 0, demand: ResourceDemand(cpus: 1, memoryBytes: 1, gpus: 0), createdAt: time)
    _ = job.begin(at: time)
    return job
  }

  private let event = EventRecord(at: Timestamp(milliseconds: 1), kind: "k", detail: "d")

  @Test func `commits are synced and journalled ahead`() async throws {
    try await withStore { store, _ in
      let (journal, synchronous) = try await store.durability()
      #expect(journal == "wal")
      #expect(synchronous == 2)
    }
  }

  @Test func `a job is found again as it was, also after the store is opened anew`() async throws {
    try await withStore { store, path in
      let job = job("a", store)
      try await store.insert(job, tags: [Tag(key: "k", value: "v")], events: [event])
      #expect(try await store.trainingJob(named: "a") == job)
      let again = try Store(path: path)
      #expect(try again.activeTrainingJobs().jobs == [job])
      #expect(try await again.tags(on: job.arn) == [Tag(key: "k", value: "v")])
      #expect(again.nextID(at: Timestamp(milliseconds: 0)) > job.id)
    }
  }

  @Test func `of many who create one name at once exactly one wins and the others leave nothing`() async throws {
    try await withStore { store, _ in
      let wins = await withTaskGroup(of: Bool.self) { group in
        for number in 0..<32 {
          let job = job("same", store)
          group.addTask {
            do throws(StoreError) {
              try await store.insert(job, tags: [Tag(key: "n\(number)", value: "")], events: [event])
              return true
            } catch {
              #expect(error.code == .nameTaken)
              return false
            }
          }
        }
        return await group.reduce(0) { $0 + ($1 ? 1 : 0) }
      }
      #expect(wins == 1)
      let found = try await store.trainingJob(named: "same")
      let winner = try #require(found)
      #expect(try await store.tags(on: winner.arn).count == 1)
      #expect(try await store.events(of: winner).count == 1)
    }
  }

  @Test func `one that fails in a shared commit takes nobody along`() async throws {
    try await withStore { store, _ in
      try await store.insert(job("taken", store), tags: [], events: [event])
      await withTaskGroup(of: Void.self) { group in
        for number in 0..<200 {
          let job = job(number % 2 == 0 ? "taken" : "job-\(number)", store)
          group.addTask { try? await store.insert(job, tags: [], events: [event]) }
        }
      }
      #expect(try await store.allTrainingJobNames().count == 101)
    }
  }

  @Test func `an update of an older version is a conflict and changes nothing`() async throws {
    try await withStore { store, _ in
      var job = job("a", store)
      try await store.insert(job, tags: [], events: [event])
      let stale = job
      _ = try job.apply(.slotGranted(token: "t"), at: .now())
      job.version += 1
      try await store.update(job, event: event)
      var late = stale
      late.version += 1
      await #expect(throws: StoreError.self) { try await store.update(late, event: event) }
      #expect(try await store.trainingJob(named: "a") == job)
      #expect(try await store.events(of: job).count == 2)
    }
  }

  @Test func `deleting a job removes its tags, events and metrics and frees its name`() async throws {
    try await withStore { store, path in
      let job = job("a", store)
      try await store.insert(job, tags: [Tag(key: "k", value: "v")], events: [event])
      let point = MetricPoint(name: "m", position: 1, at: .now(), value: 1)
      try await store.addMetrics([point], toJob: job.id, consumedLogBytes: 9)
      #expect(try await store.delete(job))
      #expect(try await !store.delete(job))
      try await store.insert(self.job("a", store), tags: [], events: [event])
      let rows = try await DatabaseQueue(path: path).read { db in
        try ["tags", "training_job_metrics", "training_job_log_scans"].map {
          try Int.fetchOne(db, sql: "SELECT count(*) FROM \($0)") ?? -1
        }
      }
      #expect(rows == [0, 0, 0])
    }
  }

  @Test func `metric points are stored once however often they are read`() async throws {
    try await withStore { store, _ in
      let job = job("a", store)
      try await store.insert(job, tags: [], events: [event])
      let points = (1...3).map {
        MetricPoint(name: "m", position: Int64($0), at: Timestamp(milliseconds: Int64($0)), value: Double($0))
      }
      try await store.addMetrics(Array(points.prefix(2)), toJob: job.id, consumedLogBytes: 2)
      try await store.addMetrics(points, toJob: job.id, consumedLogBytes: 3)
      #expect(try await store.metrics(ofJob: job.id) == points)
      #expect(try await store.finalMetrics(ofJob: job.id) == [points[2]])
      #expect(try await store.consumedLogBytes(ofJob: job.id) == 3)
      try await store.addMetrics(points, toJob: 999)
    }
  }

  @Test func `a database of a newer version is refused and left as it is`() async throws {
    try await withStore { store, path in
      try await store.insert(job("a", store), tags: [], events: [event])
      try await DatabaseQueue(path: path).write { db in
        try db.execute(sql: "INSERT INTO grdb_migrations VALUES ('v999_fromTheFuture')")
      }
      let error = #expect(throws: StoreError.self) { try Store(path: path) }
      #expect(error?.code == .newerVersion)
      #expect(error?.description.contains("newer version") == true)
    }
  }

  @Test func `a row that cannot be read is kept, listed and named`() async throws {
    try await withStore { store, path in
      for name in ["a", "b"] { try await store.insert(job(name, store), tags: [], events: [event]) }
      try await DatabaseQueue(path: path).write { db in
        try db.execute(sql: "UPDATE training_jobs SET state = 'torn' WHERE name = 'a'")
      }
      let (jobs, unreadable) = try store.activeTrainingJobs()
      #expect(jobs.map(\.name) == ["b"])
      #expect(unreadable == ["a"])
      #expect(try await store.trainingJobs(matching: ResourceQuery()).map(\.name) == ["a", "b"])
      let error = await #expect(throws: StoreError.self) { try await store.trainingJob(named: "a") }
      #expect(error?.code == .unreadable)
      let text = try await DatabaseQueue(path: path).read {
        try String.fetchOne($0, sql: "SELECT state FROM training_jobs WHERE name = 'a'")
      }
      #expect(text == "torn")
    }
  }

  @Test(arguments: ["Paused", "", "inprogress"])
  func `the schema itself refuses a status that is none`(status: String) async throws {
    try await withStore { store, path in
      try await store.insert(job("a", store), tags: [], events: [event])
      await #expect(throws: DatabaseError.self) {
        try await DatabaseQueue(path: path).write {
          try $0.execute(sql: "UPDATE training_jobs SET status = ?", arguments: [status])
        }
      }
    }
  }

  @Test(arguments: [ResourceQuery.Order.name, .creationTime, .status], [true, false])
  func `pages neither lose nor repeat a job while others are created`(order: ResourceQuery.Order, isAscending: Bool)
    async throws
  {
    try await withStore { store, _ in
      for number in 0..<25 {
        try await store.insert(
          job("job-\(number)", store, at: Timestamp(milliseconds: Int64(1000 + number))), tags: [], events: [event])
      }
      let before = try await store.allTrainingJobNames()
      var query = ResourceQuery()
      query.order = order
      query.isAscending = isAscending
      query.limit = 4
      var seen: [String] = []
      while true {
        let page = try await store.trainingJobs(matching: query)
        seen += page.map(\.name)
        guard let last = page.last else { break }
        let value =
          switch order {
          case .name: last.name
          case .creationTime: ""
          case .status: last.status.rawValue
          }
        query.after = (value, last.id)
        try await store.insert(
          job("aa-\(seen.count)", store, at: Timestamp(milliseconds: 1)), tags: [], events: [event])
        if seen.count > 200 { break }
      }
      #expect(Set(seen).count == seen.count)
      #expect(before.isSubset(of: seen))
    }
  }

  @Test func `filters find what they say`() async throws {
    try await withStore { store, _ in
      for number in 1...5 {
        try await store.insert(
          job("x\(number)", store, at: Timestamp(milliseconds: Int64(number * 1000))), tags: [], events: [event])
      }
      func names(_ change: (inout ResourceQuery) -> Void) async throws -> [String] {
        var query = ResourceQuery()
        change(&query)
        return try await store.trainingJobs(matching: query).map(\.name)
      }
      #expect(try await names { $0.nameContains = "3" } == ["x3"])
      #expect(try await names { $0.createdAfter = Timestamp(milliseconds: 3000) } == ["x4", "x5"])
      #expect(try await names { $0.createdBefore = Timestamp(milliseconds: 3000) } == ["x1", "x2"])
      #expect(try await names { $0.modifiedAfter = Timestamp(milliseconds: 4000) } == ["x5"])
      #expect(try await names { $0.status = "Failed" } == [])
      #expect(
        try await names {
          $0.isAscending = false
          $0.limit = 2
        } == ["x5", "x4"])
    }
  }
}
