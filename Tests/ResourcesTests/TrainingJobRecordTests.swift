import HostKit
import JSONKit
import Resources
import Testing

@Suite struct TrainingJobRecordTests {
  private func fullJob() -> TrainingJob {
    var job = TrainingJob(
      id: 5, name: "j", region: "eu-west-1", account: "123456789012", request: ["A": 1], priority: 3,
      demand: ResourceDemand(cpus: 2, memoryBytes: 5, gpus: 1, note: "n"), createdAt: Timestamp(milliseconds: 1))
    job.transitions = [
      .init(status: .starting, startedAt: Timestamp(milliseconds: 1), endedAt: Timestamp(milliseconds: 2), message: "m")
    ]
    var attempt = TrainingJob.Attempt(number: 1, token: "t")
    attempt.startedAt = Timestamp(milliseconds: 3)
    attempt.endedAt = Timestamp(milliseconds: 2503)
    attempt.exitCode = 1
    attempt.signal = 9
    attempt.cpuSeconds = 0.5
    attempt.peakMemoryBytes = 77
    job.attempts = [attempt]
    job.isStopRequested = true
    job.trainingStartedAt = Timestamp(milliseconds: 3)
    job.failureReason = "AlgorithmError: x"
    job.model = .init(uri: "s3://b/k", path: "/p", sha256: "d", size: 9)
    job.finalMetrics = [.init(name: "loss", value: 0.25, at: Timestamp(milliseconds: 4))]
    return job
  }

  @Test func `a job's state survives being stored`() throws {
    let job = fullJob()
    var restored = TrainingJob(
      id: 5, name: "j", region: "eu-west-1", account: "123456789012", request: ["A": 1], priority: 3,
      demand: try #require(ResourceDemand(json: JSON(parsing: job.demand.json.text))),
      createdAt: Timestamp(milliseconds: 1))
    #expect(restored.restoreState(from: try JSON(parsing: job.stateJSON.text)))
    #expect(restored == job)
  }

  @Test(arguments: [
    #"{}"#, #"{"transitions":[{}],"attempts":[]}"#, #"{"transitions":[],"attempts":[{"number":"x"}]}"#, "[]",
  ])
  func `a state that is none is refused`(text: String) throws {
    var job = fullJob()
    #expect(try !job.restoreState(from: JSON(parsing: text)))
  }

  @Test func `training time is the sum of the attempts`() {
    var job = fullJob()
    var second = TrainingJob.Attempt(number: 2, token: "u")
    second.startedAt = Timestamp(milliseconds: 5000)
    job.attempts.append(second)
    #expect(job.secondsTrained(now: Timestamp(milliseconds: 6500)) == 4.0)
  }

  @Test(arguments: [
    ("arn:aws:sagemaker:us-east-1:000000000000:training-job/abc", true),
    ("arn:aws:sagemaker:us-east-1:000000000000:pipeline/abc", false), ("arn:aws:s3:::bucket", false), ("x", false),
    ("", false),
  ])
  func `only ARNs of our resources are read`(text: String, isOurs: Bool) {
    #expect((AmazonResourceName(text) != nil) == isOurs)
    if isOurs { #expect(AmazonResourceName(text)?.description == text) }
  }

  @Test func `an ARN writes its name in lower case`() {
    #expect(fullJob().arn.description == "arn:aws:sagemaker:eu-west-1:123456789012:training-job/j")
    let arn = AmazonResourceName(region: "r", account: "a", kind: .trainingJob, name: "MyJob")
    #expect(arn.description.hasSuffix("/myjob"))
  }
}
