import GRDB
import HostKit
import JSONKit
import Persistence
import Resources
import Testing

/// Transform jobs and the lists of what they read.
@Suite(.timeLimit(.minutes(2))) struct TransformJobTableTests {
  private func job(_ name: String, _ store: Store, at time: Timestamp = .now()) -> TransformJob {
    TransformJob(
      id: store.nextID(at: time), name: name, region: "us-east-1", account: "000000000000",
      request: ["TransformJobName": .string(name)],
      containers: [Model.Container(image: "htr/mock", dataURI: "s3://b/m", sha256: "0a", environment: ["A": "b"])],
      createdAt: time)
  }

  private func event(_ kind: String) -> EventRecord { EventRecord(at: .now(), kind: kind, detail: "d") }

  private func inputs(_ numbers: ClosedRange<Int>) -> [TransformInput] {
    numbers.map { TransformInput(number: $0, bucket: "b", key: "in/\($0)", output: "\($0).out", size: 1) }
  }

  @Test func `a job is found again as it was, by its exact name and by its ARN`() async throws {
    try await withStore { store, path in
      var job = job("My-Job", store)
      try await store.insert(job, tags: [Tag(key: "k", value: "v")], event: event("created"))
      job.status = .failed
      job.failureReason = "why"
      job.startedAt = Timestamp(milliseconds: 5)
      job.endedAt = .now()
      job.modifiedAt = .now()
      job.isPlanned = true
      job.progress = TransformJob.Progress(total: 3, done: 2, failed: 1)
      job.version = 2
      try await store.update(job, event: event("ended"))
      let again = try Store(path: path)
      #expect(try await again.transformJob(named: "My-Job") == job)
      #expect(try await again.transformJob(named: "my-job") == nil)
      #expect(try await again.transformJob(withARNName: "my-job") == job)
      #expect(try await again.events(ofTransformJob: job).map(\.kind) == ["created", "ended"])
      #expect(try await again.countTransformJobs() == ["Failed": 1])
      #expect(try await again.tags(on: job.arn) == [Tag(key: "k", value: "v")])
      #expect(again.nextID(at: Timestamp(milliseconds: 0)) > job.id)
    }
  }

  @Test func `a name is taken once, in whatever spelling, and a record that changed meanwhile is not overwritten`()
    async throws
  {
    try await withStore { store, _ in
      var job = job("a", store)
      try await store.insert(job, tags: [], event: event("created"))
      let twin = self.job("A", store)
      await #expect(throws: StoreError.self) { try await store.insert(twin, tags: [], event: event("created")) }
      job.version = 3
      let late = job
      await #expect(throws: StoreError.self) { try await store.update(late, event: event("x")) }
    }
  }

  @Test func `only jobs that have not ended are active, and one that cannot be read is told by its name`() async throws
  {
    try await withStore { store, path in
      var ended = job("ended", store)
      for job in [job("one", store), job("torn", store), ended] {
        try await store.insert(job, tags: [], event: event("created"))
      }
      ended.status = .completed
      ended.endedAt = ended.createdAt
      ended.version = 2
      try await store.update(ended, event: event("ended"))
      try await DatabaseQueue(path: path).write { db in
        try db.execute(sql: "UPDATE transform_jobs SET state = '{' WHERE name = 'torn'")
      }
      let (jobs, unreadable) = try store.activeTransformJobs()
      #expect(jobs.map(\.name) == ["one"])
      #expect(unreadable == ["torn"])
      #expect(try await store.transformJobs(matching: ResourceQuery()).map(\.name) == ["ended", "one", "torn"])
    }
  }

  @Test func `inputs are pending until they are ticked off`() async throws {
    try await withStore { store, _ in
      let job = job("a", store)
      try await store.insert(job, tags: [], event: event("created"))
      try await store.addInputs(inputs(1...5), toTransformJob: job.id)
      try await store.tickOff(2, ofTransformJob: job.id, as: .done)
      try await store.tickOff(4, ofTransformJob: job.id, as: .failed(reason: "why"))
      try await store.tickOff(5, ofTransformJob: job.id, as: .failed(reason: "later"))
      let first = try await store.pendingInputs(ofTransformJob: job.id, after: 0, limit: 1)
      #expect(first == inputs(1...1))
      #expect(try await store.pendingInputs(ofTransformJob: job.id, after: 1, limit: 9) == inputs(3...3))
      #expect(
        try await store.progress(ofTransformJob: job.id) == TransformJob.Progress(total: 5, done: 1, failed: 2))
      let failure = try #require(try await store.firstFailure(ofTransformJob: job.id))
      #expect(failure == (bucket: "b", key: "in/4", reason: "why"))
    }
  }

  @Test func `two inputs with one output are refused as a whole`() async throws {
    try await withStore { store, _ in
      let job = job("a", store)
      try await store.insert(job, tags: [], event: event("created"))
      try await store.addInputs(inputs(1...1), toTransformJob: job.id)
      let clash = TransformInput(number: 3, bucket: "b", key: "other", output: "1.out", size: 1)
      let more = inputs(2...2) + [clash]
      let error = await #expect(throws: StoreError.self) { try await store.addInputs(more, toTransformJob: job.id) }
      #expect(error?.code == .nameTaken)
      #expect(try await store.progress(ofTransformJob: job.id).total == 1)
    }
  }

  @Test func `the list goes when its job has ended`() async throws {
    try await withStore { store, path in
      var job = job("a", store)
      try await store.insert(job, tags: [], event: event("created"))
      try await store.addInputs(inputs(1...5), toTransformJob: job.id)
      job.status = .stopped
      job.endedAt = job.createdAt
      job.version = 2
      try await store.update(job, event: event("ended"))
      #expect(try await countRows(["transform_inputs"], at: path) == [0])
    }
  }
}
