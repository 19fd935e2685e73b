import HostKit
import JSONKit
import Lifecycles
import Resources
import Testing

@Suite struct TrainingJobLifecycleTests {
  private let start = Timestamp(milliseconds: 1_000_000)

  private func job(retries: Int64 = 0) -> TrainingJob {
    var request: JSON.Object = .init()
    if retries > 0 { request["RetryStrategy"] = ["MaximumRetryAttempts": .integer(retries)] }
    var job = TrainingJob(
      id: 1, name: "job", region: "us-east-1", account: "000000000000", request: .object(request), priority: 0,
      demand: ResourceDemand(cpus: 1, memoryBytes: 1, gpus: 0), createdAt: start)
    #expect(job.begin(at: start) == [.enqueue])
    return job
  }

  private func time(_ seconds: Double) -> Timestamp { start.advanced(bySeconds: seconds) }

  private func running(retries: Int64 = 0) throws -> TrainingJob {
    var job = job(retries: retries)
    #expect(try job.apply(.slotGranted(token: "t1"), at: time(1)) == [.launch])
    #expect(try job.apply(.workerStarted(at: time(2)), at: time(2)).isEmpty)
    return job
  }

  private let success = AttemptEnding(verdict: .succeeded)

  @Test func `a job that succeeds goes through Starting, Training, Uploading and Completed`() throws {
    var job = try running()
    _ = try job.apply(.packing(isWaitingForRoom: false), at: time(3))
    #expect(try job.apply(.attemptEnded(success), at: time(4)) == [.finish])
    #expect(job.status == .completed)
    #expect(job.transitions.map(\.status) == [.starting, .training, .uploading, .completed])
    #expect(job.transitions.allSatisfy { $0.endedAt != nil })
    #expect(job.endedAt == time(4))
    #expect(Set(job.transitions.map(\.message)).count == 4)
  }

  @Test func `a job with data shows Downloading with its progress in one entry`() throws {
    var job = job()
    _ = try job.apply(.slotGranted(token: "t"), at: time(1))
    _ = try job.apply(.downloading(message: "1 of 2"), at: time(2))
    _ = try job.apply(.downloading(message: "2 of 2"), at: time(3))
    #expect(job.transitions.map(\.status) == [.starting, .downloading])
    #expect(job.transitions.last?.message == "2 of 2")
  }

  @Test func `progress of a download that is told late does not bring a training job back to Downloading`() throws {
    var job = try running()
    let before = job
    #expect(try job.apply(.downloading(message: "late"), at: time(3)).isEmpty)
    #expect(job == before)
  }

  @Test func `a queued job that is stopped ends at once`() throws {
    var job = job()
    #expect(try job.apply(.stopRequested, at: time(1)) == [.dequeue, .finish])
    #expect(job.status == .stopped)
    #expect(job.secondaryStatus == .stopped)
  }

  @Test func `a running job that is stopped is Stopping until its attempt has ended`() throws {
    var job = try running()
    #expect(try job.apply(.stopRequested, at: time(3)) == [.stopWorker])
    #expect(job.status == .stopping)
    #expect(try job.apply(.stopRequested, at: time(4)).isEmpty)
    #expect(try job.apply(.packing(isWaitingForRoom: false), at: time(5)).isEmpty)
    #expect(job.secondaryStatus == .stopping)
    #expect(try job.apply(.attemptEnded(success), at: time(6)) == [.finish])
    #expect(job.status == .stopped)
  }

  @Test func `a failure of the machine is retried as often as the strategy says`() throws {
    var job = try running(retries: 1)
    let failure = AttemptEnding(verdict: .failed(Failure(.internal, "lost")))
    #expect(try job.apply(.attemptEnded(failure), at: time(3)) == [.releaseSlot, .enqueue])
    #expect(job.status == .inProgress)
    #expect(job.secondaryStatus == .restarting)
    #expect(job.isQueued)
    #expect(try job.apply(.slotGranted(token: "t2"), at: time(4)) == [.launch])
    #expect(job.secondaryStatus == .starting)
    #expect(try job.apply(.attemptEnded(failure), at: time(5)) == [.finish])
    #expect(job.status == .failed)
    #expect(job.failureReason == "InternalServerError: lost")
    #expect(job.attempts.map(\.token) == ["t1", "t2"])
  }

  @Test(arguments: [FailureClass.algorithm, .client])
  func `a failure of the script or the request is never retried`(failureClass: FailureClass) throws {
    var job = try running(retries: 5)
    let ending = AttemptEnding(verdict: .failed(Failure(failureClass, "no")))
    #expect(try job.apply(.attemptEnded(ending), at: time(3)) == [.finish])
    #expect(job.failureReason == "\(failureClass.rawValue): no")
  }

  @Test func `a job over its runtime is Stopped with MaxRuntimeExceeded`() throws {
    var job = try running()
    _ = try job.apply(.attemptEnded(AttemptEnding(verdict: .maximumRuntimeExceeded)), at: time(9))
    #expect(job.status == .stopped)
    #expect(job.secondaryStatus == .maxRuntimeExceeded)
  }

  @Test(arguments: [(true, SecondaryStatus.maxWaitTimeExceeded), (false, .stopped)])
  func `a job that waits too long is stopped, but not once it runs`(isWait: Bool, status: SecondaryStatus) throws {
    var waiting = job()
    #expect(try waiting.apply(.pendingTimeExceeded(isMaximumWait: isWait), at: time(9)) == [.dequeue, .finish])
    #expect(waiting.secondaryStatus == status)
    var active = try running()
    #expect(try active.apply(.pendingTimeExceeded(isMaximumWait: isWait), at: time(9)).isEmpty)
    #expect(active.status == .inProgress)
  }

  @Test func `a job that waits says why, once, in an entry of its own`() throws {
    var job = job()
    _ = try job.apply(.mustWait(reason: "A"), at: time(1))
    _ = try job.apply(.mustWait(reason: "B"), at: time(2))
    #expect(job.transitions.map(\.status) == [.starting, .pending])
    #expect(job.transitions.last?.message == "B")
    #expect(try job.apply(.slotGranted(token: "t"), at: time(3)) == [.launch])
    #expect(job.secondaryStatus == .starting)
  }

  @Test func `events after the end change nothing`() throws {
    var job = try running()
    _ = try job.apply(.attemptEnded(success), at: time(3))
    let ended = job
    let late: [TrainingJob.Event] = [
      .slotGranted(token: "x"), .workerStarted(at: time(4)), .packing(isWaitingForRoom: false), .attemptEnded(success),
      .stopRequested,
      .downloading(message: ""), .mustWait(reason: ""), .pendingTimeExceeded(isMaximumWait: true),
    ]
    for event in late {
      #expect(try job.apply(event, at: time(5)).isEmpty)
      #expect(job == ended)
    }
  }

  @Test func `a slot is granted once`() throws {
    var job = try running()
    #expect(throws: TrainingJob.IllegalTransition.self) { try job.apply(.slotGranted(token: "t2"), at: time(3)) }
  }

  @Test func `a job too short to be seen training still shows that it trained`() throws {
    var job = job()
    _ = try job.apply(.slotGranted(token: "t"), at: time(1))
    var ending = success
    ending.workerStartedAt = time(1.5)
    ending.workerEndedAt = time(1.6)
    _ = try job.apply(.attemptEnded(ending), at: time(2))
    #expect(job.transitions.map(\.status) == [.starting, .training, .completed])
    #expect(job.trainingStartedAt == time(1.5))
  }

  @Test func `times never run backwards when the clock does`() throws {
    var job = try running()
    _ = try job.apply(.attemptEnded(success), at: time(-100))
    let times = job.transitions.flatMap { [$0.startedAt] + ($0.endedAt.map { [$0] } ?? []) }
    #expect(zip(times, times.dropFirst()).allSatisfy { $0 <= $1 })
    #expect(job.modifiedAt >= job.createdAt)
  }

  @Test func `a failure reason has at most 1,024 characters`() throws {
    #expect(Failure(.algorithm, String(repeating: "x", count: 5000)).reason.count == 1024)
  }
}
