import Client
import HostKit
import JSONKit
import TestKit
import Testing

/// boto3 with nothing but an endpoint, keys and a region. Every answer is held against botocore's model of the service.
@Suite(.serialized) struct PythonClientTests {
  private static let scenarios = [
    "lifecycle", "defaults", "pages", "filters", "waiting", "tagging", "updating", "errors", "search",
    "race",
  ]

  private static let endpointScenarios = [
    "lifecycle", "refusals", "failing_requests", "lists_and_tags", "failure", "race",
  ]

  private static let transformScenarios = ["lifecycle", "refusals", "lists_and_tags", "failure"]

  private static var options: DaemonFixture.Options {
    var options = DaemonFixture.Options()
    // So many that no job waits: what is tested here is the wire.
    options.settings = ["cpus: 128", "memory-mib: 1000000"]
    return options
  }

  @Test(.timeLimit(.minutes(2)), arguments: scenarios)
  func `boto3 finds what SageMaker promises`(_ scenario: String) async throws {
    try await run("scenarios.py", scenario)
  }

  @Test(.timeLimit(.minutes(2)), arguments: endpointScenarios)
  func `boto3 deploys, asks, updates and deletes endpoints as in the cloud`(_ scenario: String) async throws {
    try await run("endpoint_scenarios.py", scenario)
  }

  @Test(.timeLimit(.minutes(2)), arguments: transformScenarios)
  func `boto3 transforms batches as in the cloud`(_ scenario: String) async throws {
    try await run("transform_scenarios.py", scenario)
  }

  @Test(.timeLimit(.minutes(2)), arguments: ["streams", "asynchronous", "refusals"])
  func `boto3 streams answers and invokes asynchronously as in the cloud`(_ scenario: String) async throws {
    try await run("runtime_scenarios.py", scenario)
  }

  @Test(.timeLimit(.minutes(1)))
  func `requests that are not properly signed, or come from a web page, are refused`() async throws {
    try await run("intruder.py")
  }

  func run(_ program: String, _ arguments: String...) async throws {
    guard let python = try await Python.find(boto3: true) else {
      return print("skipped: neither HTR_TEST_PYTHON nor python3 has boto3")
    }
    try await DaemonFixture.use(Self.options) { daemon in
      try Files.write("a line of text\n", to: "\(daemon.folder)/page.txt", durable: false)
      let (client, page) = (daemon.client, "\(daemon.folder)/page.txt")
      let access = try await offPool {
        for key in ["data/one.txt", "data/deep/two.txt"] {
          _ = try client.putObject(bucket: "htr", key: key, file: page)
        }
        return try client.environment()
      }
      var environment = daemon.environment
      environment["AWS_ENDPOINT_URL"] = access.endpointURL
      environment["AWS_ACCESS_KEY_ID"] = access.accessKeyId
      environment["AWS_SECRET_ACCESS_KEY"] = access.secretAccessKey
      environment["AWS_DEFAULT_REGION"] = access.region
      // What the aws command sees is held too, which the programs' own checks do not reach.
      let answers = HeldAnswers(in: daemon.folder, &environment)
      let finished = try await daemon.finish(
        ChildProcess(python, [Python.program(program)] + arguments, environment: environment), within: .seconds(90))
      #expect(finished.code == 0, "\(finished.errors.suffix(4000))")
      try answers.check(services: [])
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `what htrctl env prints is all that boto3 needs`() async throws {
    guard let python = try await Python.find(boto3: true) else {
      return print("skipped: neither HTR_TEST_PYTHON nor python3 has boto3")
    }
    try await DaemonFixture.use { daemon in
      try await daemon.create(JobRequest.mock("seen", ["epochs": "1"]))
      let list =
        "import boto3; print([r['TrainingJobName'] for r in boto3.client('sagemaker').list_training_jobs()['TrainingJobSummaries']])"
      let shell = #"eval "$("$0" env)" && exec "$1" -c "$2""#
      let finished = try await daemon.finish(
        ChildProcess(
          "/bin/sh", ["-c", shell, Programs.built("htrctl"), python, list], environment: daemon.environment))
      #expect(finished.output == "['seen']\n", "\(finished.errors)")
    }
  }

  /// boto3 cuts times to whole seconds, the wire does not.
  @Test(.timeLimit(.minutes(1)))
  func `filters by time count milliseconds`() async throws {
    try await DaemonFixture.use(Self.options) { daemon in
      var times: [Double] = []
      for number in 1...5 {
        let name = "job-\(number)"
        try await daemon.create(JobRequest.mock(name, ["epochs": "1", "seconds-per-epoch": "0.01"]))
        times.append(try #require(try await daemon.end(of: name).job["CreationTime"]?.number))
      }
      func names(_ filter: JSON) async throws -> [String] {
        try await daemon.call("ListTrainingJobs", filter)["TrainingJobSummaries"]?.array?
          .compactMap { $0["TrainingJobName"]?.string } ?? []
      }
      let between = (times[1] + times[2]) / 2
      #expect(try await names(["CreationTimeAfter": .number(between)]) == ["job-3", "job-4", "job-5"])
      #expect(try await names(["CreationTimeBefore": .number(between)]) == ["job-1", "job-2"])
      let last = try #require(try await daemon.record(of: "job-4").job["LastModifiedTime"]?.number)
      #expect(try await names(["LastModifiedTimeAfter": .number(last + 0.001)]) == ["job-5"])
      #expect(
        try await names(["LastModifiedTimeBefore": .number(last + 0.001)]) == ["job-1", "job-2", "job-3", "job-4"])
    }
  }
}
