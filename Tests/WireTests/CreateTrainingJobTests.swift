import JSONKit
import Testing
import Wire

@Suite struct CreateTrainingJobTests {
  /// The smallest request that is right, with members replaced (null removes one).
  private func request(_ changes: KeyValuePairs<String, JSON> = [:]) -> JSON {
    var members = JSON.Object([
      ("TrainingJobName", "job-1"), ("RoleArn", "arn:aws:iam::123456789012:role/train"),
      ("AlgorithmSpecification", ["TrainingImage": "htr/script", "TrainingInputMode": "File"]),
      ("OutputDataConfig", ["S3OutputPath": "s3://bucket/out"]),
      ("ResourceConfig", ["InstanceType": "ml.m5.large", "InstanceCount": 1, "VolumeSizeInGB": 1]),
      ("StoppingCondition", ["MaxRuntimeInSeconds": 60]),
    ])
    for (key, value) in changes { members[key] = value.isNull ? nil : value }
    return .object(members)
  }

  private func error(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    do {
      _ = try CreateTrainingJobRequest(json: request(changes))
      return nil
    } catch { return error }
  }

  private func channel(_ name: JSON = "train", _ uri: JSON = "s3://b/k", _ extra: KeyValuePairs<String, JSON> = [:])
    -> JSON
  {
    var members = JSON.Object([
      ("ChannelName", name), ("DataSource", ["S3DataSource": ["S3DataType": "S3Prefix", "S3Uri": uri]]),
    ])
    for (key, value) in extra { members[key] = value }
    return .object(members)
  }

  @Test func `a small request is right and gets its defaults`() throws {
    let request = try CreateTrainingJobRequest(json: request(["StoppingCondition": .null, "ResourceConfig": .null]))
    #expect(request.maximumRuntimeSeconds == 86_400)
    #expect(request.json["StoppingCondition"]?["MaxRuntimeInSeconds"] == 86_400)
    #expect(request.json["ResourceConfig"]?["InstanceType"] == "local")
    #expect(request.priority == 0)
  }

  @Test func `a bad name is refused in AWS's words`() {
    #expect(
      error(["TrainingJobName": "x_y"])?.message
        == "1 validation error detected: Value 'x_y' at 'trainingJobName' failed to satisfy constraint: Member must satisfy regular expression pattern: ^[a-zA-Z0-9](-*[a-zA-Z0-9]){0,62}"
    )
  }

  @Test func `all faults are told at once`() {
    let error = error([
      "TrainingJobName": "-", "RoleArn": .null, "HyperParameters": ["k": .string(String(repeating: "v", count: 2501))],
    ])
    #expect(error?.code == .validation)
    #expect(error?.message.hasPrefix("3 validation errors detected: ") == true)
    #expect(
      error?.message.contains("Value null at 'roleArn' failed to satisfy constraint: Member must not be null") == true)
  }

  @Test(
    arguments: [
      ("TrainingJobName", JSON.integer(5)), ("HyperParameters", ["a": 1]), ("Tags", "x"),
      ("InputDataConfig", .object(.init())),
      ("ResourceConfig", ["InstanceType": "x", "InstanceCount": "1"]), ("Environment", ["a": true]),
      ("EnableManagedSpotTraining", "yes"),
    ] as [(String, JSON)])
  func `a wrong type is a SerializationException`(member: String, value: JSON) {
    #expect(error([member: value])?.code == .serialization)
  }

  @Test(
    arguments: [
      ("VpcConfig", ["Subnets": ["s"]]), ("EnableNetworkIsolation", true),
      ("DebugRuleConfigurations", [["a": "b"]]), ("ExperimentConfig", ["ExperimentName": "x"]),
      ("TensorBoardOutputConfig", ["S3OutputPath": "s3://b"]), ("RemoteDebugConfig", ["EnableRemoteDebug": true]),
      ("OutputDataConfig", ["S3OutputPath": "s3://b/o", "KmsKeyId": "key"]),
      ("ResourceConfig", ["InstanceCount": 1, "InstanceType": "local", "VolumeKmsKeyId": "k"]),
      ("ResourceConfig", ["InstanceGroups": [["InstanceCount": 1]], "InstanceType": "x", "InstanceCount": 1]),
      ("AlgorithmSpecification", ["TrainingImage": "x", "TrainingInputMode": "Pipe"]),
      ("CheckpointConfig", ["S3Uri": "s3://b/c", "LocalPath": "/elsewhere"]),
    ] as [(String, JSON)])
  func `what is not built is refused by name and never accepted silently`(member: String, value: JSON) {
    let error = error([member: value])
    #expect(error?.code == .validation)
    #expect(error?.message.contains("not supported by htr") == true, "\(error?.message ?? "accepted")")
  }

  @Test func `empty forms of what is not built ask for nothing`() {
    #expect(
      error(["EnableNetworkIsolation": false, "DebugRuleConfigurations": [], "VpcConfig": .object(.init())]) == nil)
  }

  @Test func `the SDK's debug and profiler settings are accepted`() throws {
    let debug: JSON = ["S3OutputPath": "s3://b/", "CollectionConfigurations": []]
    let request = try CreateTrainingJobRequest(
      json: request([
        "DebugHookConfig": debug, "ProfilerConfig": ["S3OutputPath": "s3://b/", "DisableProfiler": false],
      ]))
    #expect(request.json["DebugHookConfig"] == debug)
  }

  @Test(
    arguments: [
      [["ChannelName": "a/b"]], [["ChannelName": ".."]], [["ChannelName": ""]], [.object(.init())],
    ] as [JSON])
  func `channels must have names that are names`(channels: JSON) {
    #expect(error(["InputDataConfig": channels])?.code == .validation)
  }

  @Test func `channel, metric and tag names are unique`() {
    #expect(error(["InputDataConfig": [channel(), channel()]])?.message.contains("unique") == true)
    let metrics: JSON = [["Name": "m", "Regex": "a"], ["Name": "m", "Regex": "b"]]
    let algorithm: JSON = ["TrainingImage": "x", "TrainingInputMode": "File", "MetricDefinitions": metrics]
    #expect(error(["AlgorithmSpecification": algorithm])?.message.contains("unique") == true)
    #expect(
      error(["Tags": [["Key": "k", "Value": "1"], ["Key": "k", "Value": "2"]]])?.message.contains("unique") == true)
  }

  @Test(arguments: ["s3://b/k", "file:///data"])
  func `data comes from buckets and absolute paths`(uri: String) throws {
    #expect(
      try CreateTrainingJobRequest(json: request(["InputDataConfig": [channel("c", .string(uri))]])).channels[0].uri
        == uri)
  }

  @Test(arguments: ["relative", "file://relative", "ftp://x", "s3://", "s3:///k", ""])
  func `other places are refused`(uri: String) {
    #expect(error(["InputDataConfig": [channel("c", .string(uri))]])?.code == .validation)
  }

  @Test func `exactly one of image and algorithm is named`() {
    #expect(error(["AlgorithmSpecification": ["TrainingInputMode": "File"]])?.code == .validation)
    #expect(
      error(["AlgorithmSpecification": ["TrainingInputMode": "File", "TrainingImage": "x", "AlgorithmName": "y"]])?.code
        == .validation)
  }

  @Test func `spot training needs a wait at least as long as the run`() {
    #expect(error(["EnableManagedSpotTraining": true])?.message.contains("MaxWaitTimeInSeconds") == true)
    #expect(
      error([
        "EnableManagedSpotTraining": true,
        "StoppingCondition": ["MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 59],
      ]) != nil)
    #expect(
      error([
        "EnableManagedSpotTraining": true,
        "StoppingCondition": ["MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60],
      ]) == nil)
    #expect(error(["StoppingCondition": ["MaxRuntimeInSeconds": 60, "MaxWaitTimeInSeconds": 60]]) != nil)
  }

  @Test(arguments: [("5", 5), ("-100", -100), ("101", nil), ("high", nil)] as [(String, Int?)])
  func `the priority is a tag with a number in its range`(text: String, priority: Int?) throws {
    let tags: JSON = [["Key": "htr:priority", "Value": .string(text)]]
    if let priority {
      #expect(try CreateTrainingJobRequest(json: request(["Tags": tags])).priority == priority)
    } else {
      #expect(error(["Tags": tags])?.code == .validation)
    }
  }

  @Test func `limits on counts are kept`() {
    let many = JSON.strings(Dictionary(uniqueKeysWithValues: (0...100).map { ("k\($0)", "v") }))
    #expect(error(["HyperParameters": many])?.code == .validation)
    #expect(error(["Tags": .array((0...50).map { ["Key": .string("k\($0)"), "Value": ""] })])?.code == .validation)
    #expect(error(["InputDataConfig": .array((0...20).map { channel(.string("c\($0)")) })])?.code == .validation)
  }
}
