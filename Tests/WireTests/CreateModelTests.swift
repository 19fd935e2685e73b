import JSONKit
import Resources
import Testing
import Wire

@Suite struct CreateModelTests {
  private static let container: JSON = ["Image": "htr/text-recognition", "ModelDataUrl": "s3://bucket/model.tar.gz"]

  /// The smallest request that is right, with members replaced (null removes one).
  private func request(_ changes: KeyValuePairs<String, JSON> = [:]) -> JSON {
    JSON(["ModelName": "model-1", "PrimaryContainer": Self.container], changing: changes)
  }

  private func error(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    serviceError { () throws(ServiceError) in _ = try CreateModelRequest(json: request(changes)) }
  }

  /// An error of the request whose container has members replaced.
  private func containerError(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    error(["PrimaryContainer": JSON(Self.container, changing: changes)])
  }

  /// What PyTorchModel.deploy of the SageMaker SDK sends (wire contract 4.5).
  @Test func `the SDK's request is right`() throws {
    let environment: JSON = [
      "SAGEMAKER_PROGRAM": "inference.py", "SAGEMAKER_SUBMIT_DIRECTORY": "/opt/ml/model/code",
      "SAGEMAKER_CONTAINER_LOG_LEVEL": "20", "SAGEMAKER_REGION": "us-east-1",
    ]
    let image = "763104351884.dkr.ecr.us-east-1.amazonaws.com/pytorch-inference:2.3-cpu-py311"
    let request = try CreateModelRequest(json: [
      "ModelName": "pytorch-inference-2026-11-23-12-00-00-123",
      "ExecutionRoleArn": "arn:aws:iam::123456789012:role/SageMakerRole",
      "PrimaryContainer": [
        "Image": .string(image), "Environment": environment, "ModelDataUrl": "s3://bucket/name/model.tar.gz",
      ],
      "Tags": [["Key": "team", "Value": "htr"]],
    ])
    #expect(
      request.containers == [
        .init(image: image, dataURI: "s3://bucket/name/model.tar.gz", environment: environment.stringMap ?? [:])
      ])
    #expect(request.roleARN == "arn:aws:iam::123456789012:role/SageMakerRole")
    #expect(request.tags == [Tag(key: "team", value: "htr")])
    #expect(request.json["Tags"] == nil)
  }

  @Test func `what is kept has its defaults and no nulls`() throws {
    let json = try CreateModelRequest(json: [
      "ModelName": "m", "ExecutionRoleArn": .null, "Containers": [], "EnableNetworkIsolation": false,
      "PrimaryContainer": ["Image": "htr/script", "ContainerHostname": .null],
    ]).json
    #expect(
      json == [
        "ModelName": "m", "EnableNetworkIsolation": false,
        "PrimaryContainer": ["Image": "htr/script", "Mode": "SingleModel", "Environment": .object(.init())],
      ])
  }

  @Test func `containers of a pipeline keep their order`() throws {
    let request = try CreateModelRequest(
      json: request([
        "PrimaryContainer": .null, "InferenceExecutionConfig": ["Mode": "Serial"],
        "Containers": [
          ["Image": "htr/word-segmentation", "ContainerHostname": "find", "ModelDataUrl": "s3://b/a.tar.gz"],
          ["Image": "htr/text-recognition", "ContainerHostname": "read", "ModelDataUrl": "file:///models/b.tar.gz"],
        ],
      ]))
    #expect(request.containers.map(\.image) == ["htr/word-segmentation", "htr/text-recognition"])
    #expect(request.containers.map(\.dataURI) == ["s3://b/a.tar.gz", "file:///models/b.tar.gz"])
    #expect(request.containers.allSatisfy { $0.sha256 == nil })
  }

  @Test func `a source that names one archive is as good as its URL`() throws {
    let source: JSON = [
      "S3DataSource": ["S3Uri": "s3://b/m.tar.gz", "S3DataType": "S3Object", "CompressionType": "Gzip"]
    ]
    let request = try CreateModelRequest(
      json: request(["PrimaryContainer": ["Image": "htr/script", "ModelDataSource": source]]))
    #expect(request.containers[0].dataURI == "s3://b/m.tar.gz")
    #expect(request.json["PrimaryContainer"]?["ModelDataSource"] == source)
  }

  @Test(
    arguments: [
      ("VpcConfig", ["Subnets": ["s"], "SecurityGroupIds": ["g"]]), ("EnableNetworkIsolation", true),
      ("InferenceExecutionConfig", ["Mode": "Direct"]),
    ] as [(String, JSON)])
  func `what is not built is refused by name`(member: String, value: JSON) {
    let message = error([member: value])?.message ?? "accepted"
    #expect(message.contains("\(member)") && message.contains("not supported by htr: "), "\(message)")
  }

  @Test(
    arguments: [
      ("Mode", "MultiModel"), ("ModelPackageName", "package"), ("InferenceSpecificationName", "specification"),
      ("MultiModelConfig", ["ModelCacheSetting": "Enabled"]), ("ImageConfig", ["RepositoryAccessMode": "Vpc"]),
      ("ImageConfig", ["RepositoryAccessMode": "Platform", "RepositoryAuthConfig": ["x": "y"]]),
      ("AdditionalModelDataSources", [["ChannelName": "c"]]),
      ("ContainerMetricsConfig", ["MetricsEndpoints": [["MetricsEndpointPath": "/m"]]]),
    ] as [(String, JSON)])
  func `what is not built of a container is refused by name`(member: String, value: JSON) {
    let message = containerError([member: value])?.message ?? "accepted"
    #expect(message.contains("PrimaryContainer.\(member)"), "\(message)")
    #expect(message.contains("not supported by htr: "), "\(message)")
  }

  @Test(
    arguments: [
      ["S3DataType": "S3Prefix", "CompressionType": "None"], ["S3DataType": "S3Object", "CompressionType": "None"],
      ["S3DataType": "S3Prefix", "CompressionType": "Gzip"],
      ["S3DataType": "S3Object", "CompressionType": "Gzip", "ETag": "e"],
      ["S3DataType": "S3Object", "CompressionType": "Gzip", "ManifestS3Uri": "s3://b/manifest"],
      ["S3DataType": "S3Object", "CompressionType": "Gzip", "ModelAccessConfig": ["AcceptEula": true]],
    ] as [JSON])
  func `sources that are no archive are refused`(source: JSON) {
    let source = JSON(source, changing: ["S3Uri": "s3://b/m/"])
    let error = containerError(["ModelDataUrl": .null, "ModelDataSource": ["S3DataSource": source]])
    #expect(error?.message.contains("not supported by htr: ") == true, "\(error?.message ?? "accepted")")
  }

  @Test(
    arguments: [
      ("ModelName", .null), ("ModelName", "a_b"), ("ModelName", "-a"), ("ModelName", "a-"), ("ModelName", ""),
      ("ModelName", .string(String(repeating: "a", count: 64))), ("PrimaryContainer", .null),
      ("Containers", [["Image": "x"]]), ("ExecutionRoleArn", "role"),
      ("Tags", .array(Array(repeating: ["Key": "k", "Value": "v"], count: 51))),
      ("InferenceExecutionConfig", ["Mode": "Parallel"]), ("InferenceExecutionConfig", .object(.init())),
    ] as [(String, JSON)])
  func `a request that breaks a rule is refused`(member: String, value: JSON) {
    #expect(error([member: value])?.code == .validation)
  }

  @Test(
    arguments: [
      ("Image", .null), ("Image", ""), ("Image", "a b"), ("Image", "a\u{0}"), ("Image", "a\n"),
      ("Image", .string(String(repeating: "a", count: 256))), ("Mode", "Other"), ("ContainerHostname", "a_b"),
      ("ModelDataUrl", ""), ("ModelDataUrl", "/a.tar.gz"), ("ModelDataUrl", "s3://"), ("ModelDataUrl", "file://a"),
      ("ModelDataUrl", "https://host/m.tar.gz"), ("ModelDataUrl", "file:///a\u{0}b"),
      ("ModelDataUrl", .string("s3://b/" + String(repeating: "a", count: 1018))),
      ("Environment", ["1a": "x"]), ("Environment", ["a-b": "x"]), ("Environment", ["a": "x\u{0}"]),
      ("Environment", ["a": .string(String(repeating: "v", count: 1025))]),
      ("Environment", .strings(Dictionary(uniqueKeysWithValues: (0...100).map { ("k\($0)", "v") }))),
      ("ImageConfig", ["RepositoryAccessMode": "Moon"]), ("ImageConfig", ["x": "y"]),
      (
        "ModelDataSource", ["S3DataSource": ["S3Uri": "s3://b/m", "S3DataType": "S3Object", "CompressionType": "Gzip"]]
      ),
    ] as [(String, JSON)])
  func `a container that breaks a rule is refused`(member: String, value: JSON) {
    #expect(containerError([member: value])?.code == .validation)
  }

  @Test(
    arguments: [
      ("ModelName", 5), ("PrimaryContainer", "x"), ("Containers", ["x"]), ("Containers", ["Image": "x"]),
      ("PrimaryContainer", ["Image": 5]), ("PrimaryContainer", ["Image": "x", "Environment": ["a": 1]]),
      ("EnableNetworkIsolation", "no"), ("Tags", [1]),
    ] as [(String, JSON)])
  func `a wrong type is a SerializationException`(member: String, value: JSON) {
    #expect(error([member: value])?.code == .serialization)
  }

  @Test func `a request is an object`() {
    #expect(throws: ServiceError(.serialization, "the request must be a JSON object")) {
      try CreateModelRequest(json: [])
    }
  }

  @Test func `a pipeline has fifteen containers at most`() {
    func pipeline(_ count: Int) -> ServiceError? {
      error(["PrimaryContainer": .null, "Containers": .array(Array(repeating: Self.container, count: count))])
    }
    #expect(pipeline(1) == nil)
    #expect(pipeline(15) == nil)
    #expect(pipeline(16)?.code == .validation)
    #expect(pipeline(0)?.message.contains("must have PrimaryContainer or at least one of Containers") == true)
  }

  @Test(arguments: [["a", "a"], ["a", nil]] as [[String?]])
  func `in a pipeline all containers are named apart or none is`(names: [String?]) {
    let containers = names.map { JSON.members(["Image": "x", "ContainerHostname": $0.map { .string($0) }]) }
    let error = error(["PrimaryContainer": .null, "Containers": .array(containers)])
    #expect(error?.message.contains("ContainerHostname must be") == true)
  }

  @Test func `all faults are told at once`() {
    let error = error(["ModelName": "_", "PrimaryContainer": ["Mode": "MultiModel"], "ExecutionRoleArn": "x"])
    #expect(error?.message.hasPrefix("4 validation errors detected: ") == true, "\(error?.message ?? "accepted")")
  }
}
