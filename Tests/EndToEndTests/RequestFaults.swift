import JSONKit

/// What is changed in a good request, and what the refusal says.
struct RequestFault: Sendable {
  let name: String
  let code: String
  let says: String
  let change: @Sendable (inout JSON.Object) -> Void

  init(
    _ name: String, _ code: String = "ValidationException", says: String,
    _ change: @escaping @Sendable (inout JSON.Object) -> Void
  ) {
    self.name = name
    self.code = code
    self.says = says
    self.change = change
  }

  /// A member of the API that is not built: refused by its name.
  static func unsupported(_ path: String..., value: JSON) -> RequestFault {
    RequestFault(path.joined(separator: "."), says: "\(path.joined(separator: ".")) is not supported by htr") {
      request in
      set(&request, path[...], value)
    }
  }

  private static func set(_ object: inout JSON.Object, _ path: ArraySlice<String>, _ value: JSON) {
    guard let first = path.first else { return }
    if path.count == 1 {
      object[first] = value
      return
    }
    var inner = object[first]?.object ?? JSON.Object()
    set(&inner, path.dropFirst(), value)
    object[first] = .object(inner)
  }
}

/// The table: one entry for each rule of the wire contract that a CreateTrainingJob can break.
extension RequestFault {
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

  static let all: [RequestFault] = names + algorithms + limits + data + unsupported

  private static let names = [
    RequestFault(
      "a name with an underscore",
      says:
        "Value 'a_b' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    ) { $0["TrainingJobName"] = "a_b" },
    RequestFault("a name that leads out", says: "'trainingJobName'") { $0["TrainingJobName"] = "../../x" },
    RequestFault("a name of 64 characters", says: "'trainingJobName'") { $0["TrainingJobName"] = .string(text(64)) },
    RequestFault("an empty name", says: "'trainingJobName'") { $0["TrainingJobName"] = "" },
    RequestFault(
      "no name", says: "Value null at 'trainingJobName' failed to satisfy constraint: Member must not be null"
    ) {
      $0["TrainingJobName"] = nil
    },
    RequestFault("no role", says: "Value null at 'roleArn' failed to satisfy constraint: Member must not be null") {
      $0["RoleArn"] = nil
    },
    RequestFault("a role that is none", says: "'roleArn'") { $0["RoleArn"] = "somebody who is long enough" },
    RequestFault("a number for a name", "SerializationException", says: "trainingJobName must be a string") {
      $0["TrainingJobName"] = 5
    },
    RequestFault("a list for a structure", "SerializationException", says: "must be a structure") {
      $0["OutputDataConfig"] = [1]
    },
    RequestFault("a text for an integer", "SerializationException", says: "must be an integer") {
      $0["StoppingCondition"] = ["MaxRuntimeInSeconds": "9"]
    },
    RequestFault("a fraction for an integer", "SerializationException", says: "must be an integer") {
      $0["StoppingCondition"] = ["MaxRuntimeInSeconds": 1.5]
    },
    RequestFault("two instances", "ResourceLimitExceeded", says: "for training job usage") {
      $0["ResourceConfig"] = ["InstanceType": "local", "InstanceCount": 2, "VolumeSizeInGB": 1]
    },
    RequestFault("an unknown instance type", says: "'ml.nothing'") {
      $0["ResourceConfig"] = ["InstanceType": "ml.nothing", "InstanceCount": 1]
    },
  ]

  private static let algorithms = [
    RequestFault("no algorithm", says: "'algorithmSpecification'") { $0["AlgorithmSpecification"] = nil },
    RequestFault("image and algorithm", says: "exactly one of TrainingImage and AlgorithmName") {
      $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "mock"), ("TrainingImage", "htr/command"))
    },
    RequestFault("an unknown image", says: "No runtime is known for the TrainingImage 'nobody/knows:1'") {
      $0["AlgorithmSpecification"] = algorithm(("TrainingImage", "nobody/knows:1"))
    },
    RequestFault("an unknown algorithm", says: "There is no algorithm 'alchemy'") {
      $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "alchemy"))
    },
    RequestFault("script mode without a program", says: "sagemaker_program") {
      $0["AlgorithmSpecification"] = algorithm(("TrainingImage", "htr/script:python3"))
    },
    RequestFault("a command without words", says: "ContainerEntrypoint") {
      $0["AlgorithmSpecification"] = algorithm(("TrainingImage", "htr/command"))
    },
    RequestFault("an unknown input mode", says: "Member must satisfy enum value set") {
      $0["AlgorithmSpecification"] = ["AlgorithmName": "mock", "TrainingInputMode": "Post"]
    },
    RequestFault("Pipe mode", says: "Pipe is not supported by htr") {
      $0["AlgorithmSpecification"] = ["AlgorithmName": "mock", "TrainingInputMode": "Pipe"]
    },
    RequestFault("a regex that does not compile", says: "Metric definition 'loss'") {
      $0["AlgorithmSpecification"] = algorithm(
        ("AlgorithmName", "mock"), ("MetricDefinitions", [metric("loss: ([0-9")]))
    },
    RequestFault("a regex that backtracks for ever", says: "backtracks without bound") {
      $0["AlgorithmSpecification"] = algorithm(("AlgorithmName", "mock"), ("MetricDefinitions", [metric("^(a+)+$")]))
    },
    RequestFault("two metrics of one name", says: "metric names must be unique") {
      $0["AlgorithmSpecification"] = algorithm(
        ("AlgorithmName", "mock"), ("MetricDefinitions", [metric("a=(.)"), metric("b=(.)")]))
    },
    RequestFault("41 metrics", says: "'algorithmSpecification.metricDefinitions'") {
      $0["AlgorithmSpecification"] = algorithm(
        ("AlgorithmName", "mock"), ("MetricDefinitions", .array((0..<41).map { metric("a", name: "m\($0)") })))
    },
  ]

  private static let limits = [
    RequestFault("101 hyperparameters", says: "'hyperParameters'") { $0["HyperParameters"] = numbered(101) },
    RequestFault("a hyperparameter of 2501 characters", says: "less than or equal to 2500") {
      $0["HyperParameters"] = numbered(1, text(2501))
    },
    RequestFault("a hyperparameter's name of 257 characters", says: "'hyperParameters.key'") {
      $0["HyperParameters"] = .strings([text(257): "1"])
    },
    RequestFault(
      "a hyperparameter that is a number", "SerializationException", says: "hyperParameters.epochs must be a string"
    ) { $0["HyperParameters"] = ["epochs": 3] },
    RequestFault("101 environment variables", says: "'environment'") { $0["Environment"] = numbered(101) },
    RequestFault("an environment variable of 513 characters", says: "less than or equal to 512") {
      $0["Environment"] = numbered(1, text(513))
    },
    RequestFault("an environment variable with a bad name", says: "'environment.key'") {
      $0["Environment"] = ["A=B": "1"]
    },
    RequestFault("51 tags", says: "'tags'") {
      $0["Tags"] = .array((0..<51).map { ["Key": .string("k\($0)"), "Value": ""] })
    },
    RequestFault("two tags of one key", says: "tag keys must be unique") {
      $0["Tags"] = [["Key": "a", "Value": "1"], ["Key": "a", "Value": "2"]]
    },
    RequestFault("a reserved tag", says: "reserved") { $0["Tags"] = [["Key": "aws:mine", "Value": "1"]] },
    RequestFault("a priority that is none", says: "the priority is an integer from -100 to 100") {
      $0["Tags"] = [["Key": "htr:priority", "Value": "high"]]
    },
    RequestFault("a run of 29 days", says: "less than or equal to 2419200") {
      $0["StoppingCondition"] = ["MaxRuntimeInSeconds": 2_505_600]
    },
    RequestFault("31 retries", says: "'retryStrategy.maximumRetryAttempts'") {
      $0["RetryStrategy"] = ["MaximumRetryAttempts": 31]
    },
    RequestFault("a spot job without a waiting time", says: "Invalid MaxWaitTimeInSeconds") {
      $0["EnableManagedSpotTraining"] = true
    },
  ]

  private static let data = [
    RequestFault("two channels of one name", says: "channel names must be unique") {
      $0["InputDataConfig"] = [JobRequest.channel("train", "s3://b/a"), JobRequest.channel("train", "s3://b/c")]
    },
    RequestFault("21 channels", says: "'inputDataConfig'") {
      $0["InputDataConfig"] = .array((0..<21).map { JobRequest.channel("c\($0)", "s3://b/a") })
    },
    RequestFault("an empty list of channels", says: "'inputDataConfig'") { $0["InputDataConfig"] = [] },
    RequestFault("a channel named ..", says: "'inputDataConfig.1.member.channelName'") {
      $0["InputDataConfig"] = [JobRequest.channel("..", "s3://b/a")]
    },
    RequestFault("a channel from the web", says: "s3Uri") {
      $0["InputDataConfig"] = [JobRequest.channel("train", "ftp://b/a")]
    },
    RequestFault("a path that is not there", says: "does not exist or cannot be read") {
      $0["InputDataConfig"] = [JobRequest.channel("train", "file:///no/such/folder")]
    },
    RequestFault("output to a local path", says: "'outputDataConfig.s3OutputPath'") {
      $0["OutputDataConfig"] = ["S3OutputPath": "file:///tmp"]
    },
    RequestFault("output to the web", says: "must be an s3:// URI") {
      $0["OutputDataConfig"] = ["S3OutputPath": "https://bucket/x"]
    },
    RequestFault("no output", says: "'outputDataConfig.s3OutputPath'") { $0["OutputDataConfig"] = .object(.init()) },
    RequestFault("another place for checkpoints", says: "CheckpointConfig.LocalPath /data is not supported") {
      $0["CheckpointConfig"] = ["S3Uri": "s3://b/c", "LocalPath": "/data"]
    },
  ]

  private static let unsupported: [RequestFault] = [
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
}
