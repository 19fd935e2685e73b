import JSONKit
import Resources
import Testing
import Wire

@Suite struct CreateEndpointConfigTests {
  private static let variant: JSON = ["VariantName": "AllTraffic", "ModelName": "model-1"]

  private func request(_ changes: KeyValuePairs<String, JSON> = [:]) -> JSON {
    JSON(["EndpointConfigName": "config-1", "ProductionVariants": [Self.variant]], changing: changes)
  }

  private func error(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    serviceError { () throws(ServiceError) in _ = try CreateEndpointConfigRequest(json: request(changes)) }
  }

  private func variantError(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    error(["ProductionVariants": [JSON(Self.variant, changing: changes)]])
  }

  /// What PyTorchModel.deploy of the SageMaker SDK sends (wire contract 4.5).
  @Test func `the SDK's request is right and kept as it is`() throws {
    let variants: JSON = [
      [
        "ModelName": "pytorch-inference-2026-11-23-12-00-00-123", "VariantName": "AllTraffic",
        "InitialVariantWeight": 1, "InitialInstanceCount": 2, "InstanceType": "ml.m5.large",
        "ContainerStartupHealthCheckTimeoutInSeconds": 120, "ModelDataDownloadTimeoutInSeconds": 600,
        "VolumeSizeInGB": 10, "RoutingConfig": ["RoutingStrategy": "LEAST_OUTSTANDING_REQUESTS"],
      ]
    ]
    let request = try CreateEndpointConfigRequest(json: [
      "EndpointConfigName": "words", "ProductionVariants": variants, "Tags": [],
      "ExecutionRoleArn": "arn:aws:iam::123456789012:role/SageMakerRole",
    ])
    #expect(
      request.variants == [
        .init(
          name: "AllTraffic", modelName: "pytorch-inference-2026-11-23-12-00-00-123", instanceType: "ml.m5.large",
          instanceCount: 2, weight: 1, startupSeconds: 120)
      ])
    #expect(request.json["ProductionVariants"] == variants)
    #expect(request.json["Tags"] == nil)
  }

  @Test func `what is left out gets its default`() throws {
    let request = try CreateEndpointConfigRequest(json: request())
    #expect(
      request.variants == [
        .init(
          name: "AllTraffic", modelName: "model-1", instanceType: "local", instanceCount: 1, weight: 1,
          startupSeconds: 600)
      ])
    #expect(
      request.json["ProductionVariants"]?[0]
        == JSON(
          Self.variant,
          changing: ["InitialInstanceCount": 1, "InstanceType": "local", "InitialVariantWeight": .number(1)]))
  }

  @Test(
    arguments: [
      ("ShadowProductionVariants", [["VariantName": "v"]]), ("DataCaptureConfig", ["EnableCapture": true]),
      ("KmsKeyId", "key"),
      ("VpcConfig", ["Subnets": ["s"]]), ("ExplainerConfig", ["ClarifyExplainerConfig": ["x": "y"]]),
      ("EnableNetworkIsolation", true), ("MetricsConfig", ["EnableEnhancedMetrics": true]),
      ("CrossRegionTrafficConfig", ["MaxCrossRegionPercentPerEndpoint": 1]),
    ] as [(String, JSON)])
  func `what is not built is refused by name`(member: String, value: JSON) {
    let message = error([member: value])?.message ?? "accepted"
    #expect(message.contains("\(member) is not supported by htr: "), "\(message)")
  }

  @Test(
    arguments: [
      ("ServerlessConfig", ["MemorySizeInMB": 1024, "MaxConcurrency": 1]), ("AcceleratorType", "ml.eia1.medium"),
      ("CoreDumpConfig", ["DestinationS3Uri": "s3://b/c"]), ("ManagedInstanceScaling", ["Status": "ENABLED"]),
      ("InferenceAmiVersion", "al2-ami-sagemaker-inference-gpu-2"), ("InstancePools", [["Priority": 1]]),
      ("CapacityReservationConfig", ["MlReservationArn": "arn"]), ("EnableSSMAccess", true),
      ("AcceleratorPartitionLayouts", [["AcceleratorPartitionTypes": ["x"]]]),
    ] as [(String, JSON)])
  func `what is not built of a variant is refused by name`(member: String, value: JSON) {
    let message = variantError([member: value])?.message ?? "accepted"
    #expect(message.contains("ProductionVariants.\(member) is not supported by htr: "), "\(message)")
  }

  @Test func `a capture that is switched off is kept`() {
    let capture: JSON = ["EnableCapture": false, "InitialSamplingPercentage": 20, "DestinationS3Uri": "s3://buck/x"]
    #expect(error(["DataCaptureConfig": capture]) == nil)
    #expect(error(["DataCaptureConfig": ["InitialSamplingPercentage": 20]])?.message.contains("DataCapture") == true)
  }

  @Test func `asynchronous inference needs a place for its answers`() {
    func message(_ output: JSON, _ client: JSON = .object(.init())) -> String? {
      error(["AsyncInferenceConfig": ["OutputConfig": output, "ClientConfig": client]])?.message
    }
    #expect(message(["S3OutputPath": "s3://answers/out", "S3FailurePath": "s3://answers/failed"]) == nil)
    #expect(message(.object(.init()))?.contains("s3OutputPath") == true)
    let path: JSON = ["S3OutputPath": "s3://answers/out"]
    #expect(message(path, ["MaxConcurrentInvocationsPerInstance": 0])?.contains("greater than or equal to 1") == true)
    let told: JSON = ["S3OutputPath": "s3://answers/out", "NotificationConfig": ["SuccessTopic": "t"]]
    #expect(message(told)?.contains("there is no SNS") == true)
  }

  @Test(arguments: ["RANDOM", "PREFIX_AWARE", "KV_AWARE"])
  func `other ways to choose a worker are refused`(strategy: String) {
    let error = variantError(["RoutingConfig": ["RoutingStrategy": .string(strategy)]])
    #expect(error?.message.contains("RoutingStrategy \(strategy) is not supported by htr: ") == true)
  }

  @Test func `variants need a model, for there are no inference components`() {
    #expect(variantError(["ModelName": .null])?.message.contains("no inference components") == true)
  }

  @Test(
    arguments: [
      ("EndpointConfigName", .null), ("EndpointConfigName", "a_b"), ("ProductionVariants", .null),
      ("ProductionVariants", []), ("ExecutionRoleArn", "role"), ("Tags", [["Key": "aws:x", "Value": ""]]),
    ] as [(String, JSON)])
  func `a request that breaks a rule is refused`(member: String, value: JSON) {
    #expect(error([member: value])?.code == .validation)
  }

  @Test(
    arguments: [
      ("VariantName", .null), ("VariantName", "a.b"), ("ModelName", "a_b"), ("InitialInstanceCount", 0),
      ("InitialInstanceCount", 257), ("InstanceType", ""), ("InstanceType", "a\nb"), ("InitialVariantWeight", -1),
      ("InitialVariantWeight", .number(1e39)), ("InitialVariantWeight", .number(.nan)),
      ("InitialVariantWeight", .number(.infinity)), ("InitialVariantWeight", 0),
      ("ContainerStartupHealthCheckTimeoutInSeconds", 59), ("ContainerStartupHealthCheckTimeoutInSeconds", 3601),
      ("ModelDataDownloadTimeoutInSeconds", 59), ("ModelDataDownloadTimeoutInSeconds", 3601),
      ("VariantInstanceProvisionTimeoutInSeconds", 299), ("VolumeSizeInGB", 0), ("VolumeSizeInGB", 513),
      ("RoutingConfig", ["RoutingStrategy": "NEAREST"]), ("RoutingConfig", ["x": "y"]),
    ] as [(String, JSON)])
  func `a variant that breaks a rule is refused`(member: String, value: JSON) {
    #expect(variantError([member: value])?.code == .validation)
  }

  @Test(
    arguments: [
      ("InitialVariantWeight", "1"), ("InitialInstanceCount", .number(1.5)), ("ServerlessConfig", 5),
      ("RoutingConfig", "RANDOM"), ("VariantName", 1),
    ] as [(String, JSON)])
  func `a wrong type is never accepted`(member: String, value: JSON) {
    #expect(variantError([member: value]) != nil)
  }

  @Test func `there are one to ten variants with names of their own`() {
    func variants(_ count: Int) -> JSON {
      .array((0..<count).map { JSON(Self.variant, changing: ["VariantName": .string("v\($0)")]) })
    }
    #expect(error(["ProductionVariants": variants(10)]) == nil)
    #expect(error(["ProductionVariants": variants(11)])?.code == .validation)
    #expect(
      error(["ProductionVariants": [Self.variant, Self.variant]])?.message.contains(
        "'AllTraffic' at 'productionVariants.2.member.variantName' failed to satisfy constraint: variant names must be unique"
      ) == true)
  }

  @Test func `one variant at least has a weight`() {
    func variant(_ name: String, _ weight: JSON) -> JSON {
      JSON(Self.variant, changing: ["VariantName": .string(name), "InitialVariantWeight": weight])
    }
    #expect(error(["ProductionVariants": [variant("a", 0), variant("b", .number(0.5))]]) == nil)
    #expect(error(["ProductionVariants": [variant("a", 0), variant("b", 0)]])?.message.contains("above 0") == true)
  }
}
