import Client
import Glibc
import HostKit
import JSONKit
import TestKit
import Testing

/// Requests that must be refused: each with the error that a SageMaker client expects, and none leaves anything.
@Suite(.serialized) struct BadRequestTests {
  /// What is changed in a good request, and what the refusal says.
  struct Fault: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let code: String
    let says: String
    let change: @Sendable (inout JSON.Object) -> Void

    init(
      _ name: String, _ code: String = "ValidationException", says: String,
      _ change: @escaping @Sendable (inout JSON.Object) -> Void
    ) {
      testDescription = name
      self.code = code
      self.says = says
      self.change = change
    }

    /// A member of the API that is not built: refused by its name.
    static func unsupported(_ path: String..., value: JSON) -> Fault {
      Fault(path.joined(separator: "."), says: "\(path.joined(separator: ".")) is not supported by htr") { request in
        set(&request, path[...], value)
      }
    }

    private static func set(_ object: inout JSON.Object, _ path: ArraySlice<String>, _ value: JSON) {
      guard let first = path.first else { return }
      if path.count == 1 { return object[first] = value }
      var inner = object[first]?.object ?? JSON.Object()
      set(&inner, path.dropFirst(), value)
      object[first] = .object(inner)
    }
  }

  private static func text(_ count: Int) -> String { String(repeating: "x", count: count) }

  private static func algorithm(_ members: (String, JSON)...) -> JSON {
    .object(JSON.Object([(key: "TrainingInputMode", value: "File")] + members.map { (key: $0.0, value: $0.1) }))
  }

  private static func metric(_ regex: String, name: String = "loss") -> JSON {
    ["Name": .string(name), "Regex": .string(regex)]
  }

  private static func numbered(_ count: Int, _ value: String = "1") -> JSON {
    .object(JSON.Object((0..<count).map { (key: "key\($0)", value: .string(value)) }))
  }

  static let faults: [Fault] = names + algorithms + limits + data + unsupported

  private static let names = [
    Fault("a name with an underscore", says: "Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}") { $0["TrainingJobName"] = "a_b" },
    Fault("a name that leads out", says: "'trainingJobName'") { $0["TrainingJobName"] = "../../x" },
    Fault("a name of 64 characters", says: "'trainingJobName'") { $0["TrainingJobName"] = .string(text(64)) },
    Fault("an empty name", says: "'trainingJobName'") { $0["TrainingJobName"] = "" },
    Fault("no name", says: "Value null at 'trainingJobName' failed to satisfy constraint: Member must not be null") { $0["TrainingJobName"] = nil },
    Fault("no role", says: "Value null at 'roleArn' failed to satisfy constraint: Member must not be null") { $0["RoleArn"] = nil },
    Fault("a role that is none", says: "'roleArn'") { $0["RoleArn"] = "somebody who is long enough" },
    Fault("a number for a name", "SerializationException", says: "trainingJobName must be a string") { $0["TrainingJobName"] = 5 },
    Fault("a list for a structure", "SerializationException", says: "must be a structure") { $0["OutputDataConfig"] = [1] },
    Fault("a text for an integer", "SerializationException", says: "must be an integer") { $0["StoppingCondition"] = ["MaxRuntimeInSeconds": "9"] },
    Fault("a fraction for an integer", "SerializationException", says: "must be an integer") { $0["StoppingCondition"] = ["MaxRuntimeInSeconds": 1.5] },
    Fault("two instances", "ResourceLimitExceeded", says: "for training job usage") { $0["ResourceConfig"] = ["InstanceType": "local", "InstanceCount": 2, "VolumeSizeInGB": 1] },
    Fault("an unknown instance type", says: "'ml.nothing'") { $0["ResourceConfig"] = ["InstanceType": "ml.nothing", "InstanceCount": 1] },
  ]

  private static let algorithms = [
    Fault("no algorithm", says: "'algorithmSpecification'") { $0["AlgorithmSpecification"] = nil },
    Fault("image and algorithm", says: "exactly one of TrainingImage and AlgorithmName") { $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "mock"), ("TrainingImage", "htr/command")) },
    Fault("an unknown image", says: "No runtime is known for the TrainingImage 'nobody/knows:1'") { $0["AlgorithmSpecification"] = algorithm(("TrainingImage", "nobody/knows:1")) },
    Fault("an unknown algorithm", says: "There is no algorithm 'alchemy'") { $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "alchemy")) },
    Fault("script mode without a program", says: "sagemaker_program") { $0["AlgorithmSpecification"] = algorithm(("TrainingImage", "htr/script:python3")) },
    Fault("a command without words", says: "ContainerEntrypoint") { $0["AlgorithmSpecification"] = algorithm(("TrainingImage", "htr/command")) },
    Fault("an unknown input mode", says: "Member must satisfy enum value set") { $0["AlgorithmSpecification"] = ["AlgorithmName": "mock", "TrainingInputMode": "Post"] },
    Fault("Pipe mode", says: "Pipe is not supported by htr") { $0["AlgorithmSpecification"] = ["AlgorithmName": "mock", "TrainingInputMode": "Pipe"] },
    Fault("a regex that does not compile", says: "Metric definition 'loss'") { $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "mock"), ("MetricDefinitions", [metric("loss: ([0-9")])) },
    Fault("a regex that backtracks for ever", says: "backtracks without bound") { $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "mock"), ("MetricDefinitions", [metric("^(a+)+$")])) },
    Fault("two metrics of one name", says: "metric names must be unique") { $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "mock"), ("MetricDefinitions", [metric("a=(.)"), metric("b=(.)")])) },
    Fault("41 metrics", says: "'algorithmSpecification.metricDefinitions'") { $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "mock"), ("MetricDefinitions", .array((0..<41).map { metric("a", name: "m\($0)") }))) },
  ]

  private static let limits = [
    Fault("101 hyperparameters", says: "'hyperParameters'") { $0["HyperParameters"] = numbered(101) },
    Fault("a hyperparameter of 2501 characters", says: "less than or equal to 2500") { $0["HyperParameters"] = numbered(1, text(2501)) },
    Fault("a hyperparameter's name of 257 characters", says: "'hyperParameters.key'") { $0["HyperParameters"] = .strings([text(257): "1"]) },
    Fault("a hyperparameter that is a number", "SerializationException", says: "hyperParameters.epochs must be a string") { $0["HyperParameters"] = ["epochs": 3] },
    Fault("101 environment variables", says: "'environment'") { $0["Environment"] = numbered(101) },
    Fault("an environment variable of 513 characters", says: "less than or equal to 512") { $0["Environment"] = numbered(1, text(513)) },
    Fault("an environment variable with a bad name", says: "'environment.key'") { $0["Environment"] = ["A=B": "1"] },
    Fault("51 tags", says: "'tags'") { $0["Tags"] = .array((0..<51).map { ["Key": .string("k\($0)"), "Value": ""] }) },
    Fault("two tags of one key", says: "tag keys must be unique") { $0["Tags"] = [["Key": "a", "Value": "1"], ["Key": "a", "Value": "2"]] },
    Fault("a reserved tag", says: "reserved") { $0["Tags"] = [["Key": "aws:mine", "Value": "1"]] },
    Fault("a priority that is none", says: "the priority is an integer from -100 to 100") { $0["Tags"] = [["Key": "htr:priority", "Value": "high"]] },
    Fault("a run of 29 days", says: "less than or equal to 2419200") { $0["StoppingCondition"] = ["MaxRuntimeInSeconds": 2_505_600] },
    Fault("31 retries", says: "'retryStrategy.maximumRetryAttempts'") { $0["RetryStrategy"] = ["MaximumRetryAttempts": 31] },
    Fault("a spot job without a waiting time", says: "Invalid MaxWaitTimeInSeconds") { $0["EnableManagedSpotTraining"] = true },
  ]

  private static let data = [
    Fault("two channels of one name", says: "channel names must be unique") { $0["InputDataConfig"] = [JobRequest.channel("train", "s3://b/a"), JobRequest.channel("train", "s3://b/c")] },
    Fault("21 channels", says: "'inputDataConfig'") { $0["InputDataConfig"] = .array((0..<21).map { JobRequest.channel("c\($0)", "s3://b/a") }) },
    Fault("an empty list of channels", says: "'inputDataConfig'") { $0["InputDataConfig"] = [] },
    Fault("a channel named ..", says: "'inputDataConfig.1.member.channelName'") { $0["InputDataConfig"] = [JobRequest.channel("..", "s3://b/a")] },
    Fault("a channel from the web", says: "s3Uri") { $0["InputDataConfig"] = [JobRequest.channel("train", "ftp://b/a")] },
    Fault("a path that is not there", says: "does not exist or cannot be read") { $0["InputDataConfig"] = [JobRequest.channel("train", "file:///no/such/folder")] },
    Fault("output to a local path", says: "'outputDataConfig.s3OutputPath'") { $0["OutputDataConfig"] = ["S3OutputPath": "file:///tmp"] },
    Fault("output to the web", says: "must be an s3:// URI") { $0["OutputDataConfig"] = ["S3OutputPath": "https://bucket/x"] },
    Fault("no output", says: "'outputDataConfig.s3OutputPath'") { $0["OutputDataConfig"] = .object(.init()) },
    Fault("another place for checkpoints", says: "CheckpointConfig.LocalPath /data is not supported") { $0["CheckpointConfig"] = ["S3Uri": "s3://b/c", "LocalPath": "/data"] },
  ]

  private static let unsupported: [Fault] = [
    .unsupported("VpcConfig", value: ["Subnets": ["a"], "SecurityGroupIds": ["b"]]),
    .unsupported("EnableNetworkIsolation", value: true),
    .unsupported("DebugRuleConfigurations", value: [["RuleConfigurationName": "x"]]),
    .unsupported("ProfilerRuleConfigurations", value: [["RuleConfigurationName": "x"]]),
    .unsupported("TensorBoardOutputConfig", value: ["S3OutputPath": "s3://b/c"]),
    .unsupported("ExperimentConfig", value: ["ExperimentName": "x"]),
    .unsupported("RemoteDebugConfig", value: ["EnableRemoteDebug": true]),
    .unsupported("InfraCheckConfig", value: ["EnableInfraCheck": true]),
    .unsupported("SessionChainingConfig", value: ["EnableSessionTagChaining": true]),
    .unsupported("OutputDataConfig", "KmsKeyId", value: "key"),
    .unsupported("ResourceConfig", "VolumeKmsKeyId", value: "key"),
    .unsupported("ResourceConfig", "InstanceGroups", value: [["InstanceCount": 1]]),
    .unsupported("ResourceConfig", "KeepAlivePeriodInSeconds", value: 60),
    .unsupported("AlgorithmSpecification", "TrainingImageConfig", value: ["TrainingRepositoryAccessMode": "Vpc"]),
  ]

  @Test(.timeLimit(.minutes(1)))
  func `every fault of a request is refused by name and no job is left`() async throws {
    try await DaemonFixture.use { daemon in
      for fault in Self.faults {
        var request = try #require(JobRequest.mock("refused").object)
        fault.change(&request)
        do {
          try await daemon.create(.object(request))
          Issue.record("\(fault.testDescription) was accepted")
        } catch let error as ServiceError {
          #expect(error.code == fault.code, "\(fault.testDescription): \(error)")
          #expect(error.message.contains(fault.says), "\(fault.testDescription): \(error)")
          #expect(error.status == 400)
        }
      }
      let own = JobRequest.mock("refused") { $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(daemon.home)")] }
      await #expect(throws: ServiceError.self) { try await daemon.create(own) }
      let above = JobRequest.mock("refused") { $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(daemon.folder)")] }
      await #expect(throws: ServiceError.self) { try await daemon.create(above) }
      let keys = JobRequest.mock("refused") { $0["InputDataConfig"] = [JobRequest.channel("train", "file://\(daemon.home)/jobs/../credentials")] }
      await #expect(throws: ServiceError.self) { try await daemon.create(keys) }
      #expect(try await daemon.jobNames().isEmpty)
      #expect(try Files.names(in: "\(daemon.home)/jobs").isEmpty)
    }
  }

  @Test(.timeLimit(.minutes(1)))
  func `several faults are told at once`() async throws {
    try await DaemonFixture.use { daemon in
      let request = JobRequest.mock("a_b") {
        $0["RoleArn"] = nil
        $0["VpcConfig"] = ["Subnets": ["a"]]
      }
      do {
        try await daemon.create(request)
        Issue.record("accepted")
      } catch let error as ServiceError {
        #expect(error.message.hasPrefix("3 validation errors detected: "), "\(error)")
      }
    }
  }

  /// A request as bytes, and the answer's status and error code.
  struct Raw: Sendable {
    let name: String
    var method = "POST"
    var path = "/"
    var target = "SageMaker.CreateTrainingJob"
    var body: [UInt8] = []
    let status: Int
    let code: String
  }

  static let raws: [Raw] = [
    Raw(name: "no JSON", body: Array("{not json".utf8), status: 400, code: "SerializationException"),
    Raw(name: "a list", body: Array("[]".utf8), status: 400, code: "SerializationException"),
    Raw(name: "bytes that are no text", body: [0xFF, 0xFE, 0x00], status: 400, code: "SerializationException"),
    Raw(name: "two values", body: Array("{}{}".utf8), status: 400, code: "SerializationException"),
    Raw(name: "a nest of lists", body: Array(String(repeating: "[", count: 100_000).utf8), status: 400, code: "SerializationException"),
    Raw(name: "a nest of objects", body: Array(String(repeating: #"{"a":"#, count: 50_000).utf8), status: 400, code: "SerializationException"),
    Raw(name: "more than a megabyte", body: Array(repeating: 0x20, count: (1 << 20) + 1), status: 413, code: "RequestEntityTooLargeException"),
    Raw(name: "ten megabytes", body: Array(repeating: 0x20, count: 10 << 20), status: 413, code: "RequestEntityTooLargeException"),
    Raw(name: "an unknown action", target: "SageMaker.CreateEverything", body: Array("{}".utf8), status: 400, code: "UnknownOperationException"),
    Raw(name: "another service", target: "Logs_20140328.GetLogEvents", body: Array("{}".utf8), status: 400, code: "UnknownOperationException"),
    Raw(name: "no action", target: "", body: Array("{}".utf8), status: 400, code: "UnknownOperationException"),
    Raw(name: "another path", path: "/elsewhere", body: Array("{}".utf8), status: 400, code: "UnknownOperationException"),
    Raw(name: "a method of its own", method: "GET", status: 400, code: "UnknownOperationException"),
    Raw(name: "an unknown route", method: "GET", path: "/htr/v1/nothing", status: 400, code: "UnknownOperationException"),
    Raw(name: "a job that is not there", method: "GET", path: "/htr/v1/training-jobs/nobody", status: 400, code: "ValidationException"),
    Raw(name: "a log that is not there", method: "GET", path: "/htr/v1/training-jobs/nobody/log", status: 400, code: "ValidationException"),
    Raw(name: "a log by a path", method: "GET", path: "/htr/v1/training-jobs/..%2F..%2Fcredentials/log", status: 400, code: "ValidationException"),
    Raw(name: "a wait for nothing", path: "/htr/v1/training-jobs/wait", body: Array("{}".utf8), status: 400, code: "ValidationException"),
    Raw(name: "an object without a key", method: "PUT", path: "/htr/v1/objects/bucket", body: [1], status: 400, code: "ValidationException"),
  ]

  @Test(.timeLimit(.minutes(1)))
  func `requests that are none are answered with an error, and the daemon goes on`() async throws {
    try await DaemonFixture.use { daemon in
      let client = daemon.client
      for raw in Self.raws {
        let response = try await offPool {
          try client.send(
            raw.method, raw.path,
            headers: [("X-Amz-Target", raw.target), ("Content-Type", "application/x-amz-json-1.1")],
            body: raw.body.isEmpty ? .none : .bytes(raw.body), isRepeatable: false)
        }
        let answer = String(decoding: response.body, as: UTF8.self)
        #expect(response.status == raw.status, "\(raw.name): \(answer)")
        #expect(try JSON(parsing: response.body)["__type"] == .string(raw.code), "\(raw.name): \(answer)")
        #expect(response.headers["x-amzn-errortype"] == raw.code, "\(raw.name)")
      }
      #expect(try await daemon.jobNames().isEmpty)
      try await daemon.create(JobRequest.mock("fine", ["epochs": "1"]))
      #expect(try await daemon.end(of: "fine").status == "Completed")
    }
  }
}
