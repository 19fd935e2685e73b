import JSONKit
import Resources
import Testing
import Wire

@Suite struct CreateTransformJobTests {
  private static let source: JSON = ["S3DataSource": ["S3DataType": "S3Prefix", "S3Uri": "s3://bucket/in/"]]
  private static let input: JSON = ["DataSource": source]
  private static let output: JSON = ["S3OutputPath": "s3://bucket/out"]
  private static let resources: JSON = ["InstanceType": "ml.m5.large", "InstanceCount": 1]

  /// The smallest request that is right, with members replaced (null removes one).
  private func request(_ changes: KeyValuePairs<String, JSON> = [:]) -> JSON {
    JSON(
      [
        "TransformJobName": "t-1", "ModelName": "model-1", "TransformInput": Self.input,
        "TransformOutput": Self.output, "TransformResources": Self.resources,
      ], changing: changes)
  }

  private func error(_ changes: KeyValuePairs<String, JSON>) -> ServiceError? {
    serviceError { () throws(ServiceError) in _ = try CreateTransformJobRequest(json: request(changes)) }
  }

  @Test func `what is left out has SageMaker's defaults`() throws {
    let request = try CreateTransformJobRequest(json: request(["Tags": [["Key": "a", "Value": "b"]]]))
    #expect(request.source == "s3://bucket/in/")
    #expect(request.sourceForm == .prefix)
    #expect(!request.splitsLines && !request.assemblesLines && request.sendsManyRecords)
    #expect(request.largestPayload == 6 << 20)
    #expect(request.requestsPerWorker == nil)
    #expect(request.timeoutSeconds == 600)
    #expect(request.mostRetries == 3)
    #expect(request.tags == [Tag(key: "a", value: "b")])
    #expect(request.json["Tags"] == nil)
    #expect(request.json["TransformInput"]?["SplitType"] == "None")
    #expect(request.json["TransformOutput"]?["AssembleWith"] == "None")
    #expect(request.json["DataProcessing"]?["JoinSource"] == "None")
  }

  @Test func `what is kept can be read again and says the same`() throws {
    let full = try CreateTransformJobRequest(
      json: request([
        "MaxConcurrentTransforms": 4, "MaxPayloadInMB": 10, "BatchStrategy": "SingleRecord",
        "ModelClientConfig": ["InvocationsTimeoutInSeconds": 30, "InvocationsMaxRetries": 0],
        "Environment": ["A": "b"],
        "TransformInput": JSON(
          Self.input, changing: ["ContentType": "text/csv", "SplitType": "Line", "CompressionType": "None"]),
        "TransformOutput": JSON(Self.output, changing: ["Accept": "text/csv", "AssembleWith": "Line", "KmsKeyId": ""]),
        "DataProcessing": ["InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"],
      ]))
    let again = try CreateTransformJobRequest(json: full.json)
    #expect(again.json == full.json)
    for request in [full, again] {
      #expect(request.requestsPerWorker == 4)
      #expect(request.largestPayload == 10 << 20)
      #expect(request.splitsLines && request.assemblesLines && !request.sendsManyRecords)
      #expect(request.timeoutSeconds == 30)
      #expect(request.mostRetries == 0)
      #expect(request.environment == ["A": "b"])
      #expect(request.contentType == "text/csv")
      #expect(request.accept == "text/csv")
    }
  }

  @Test(
    arguments: [
      ("InputFilter", "$.features"), ("OutputFilter", "$['id']"), ("JoinSource", "Input"),
    ])
  func `what changes records on their way is refused by name`(_ item: (member: String, value: String)) {
    let error = error(["DataProcessing": .object(.init([(item.member, .string(item.value))]))])
    #expect(error?.code == .validation)
    #expect(error?.message.contains("DataProcessing.\(item.member)") == true)
  }

  @Test(
    arguments: [
      (["MaxPayloadInMB": 0], "MaxPayloadInMB 0"), (["MaxPayloadInMB": 101], "maxPayloadInMB"),
      (["MaxPayloadInMB": 60, "MaxConcurrentTransforms": 2], "must not exceed 100"),
      (["MaxConcurrentTransforms": 17], "must not exceed 100"), (["DataCaptureConfig": ["a": 1]], "DataCaptureConfig"),
      (["TransformInput": .null], "transformInput"), (["TransformResources": .null], "transformResources"),
      (["TransformJobName": "-x"], "transformJobName"), (["ModelName": .null], "modelName"),
      (["ModelClientConfig": ["InvocationsMaxRetries": 4]], "invocationsMaxRetries"),
      (["TransformOutput": ["S3OutputPath": "https://bucket/x"]], "S3OutputPath must be an s3:// URI"),
      (["TransformOutput": ["S3OutputPath": "s3://b/x", "KmsKeyId": "key"]], "KmsKeyId"),
      (["BatchStrategy": "All"], "batchStrategy"),
    ] as [(KeyValuePairs<String, JSON>, String)])
  func `what is wrong is told`(_ item: (changes: KeyValuePairs<String, JSON>, says: String)) {
    #expect(error(item.changes)?.message.contains(item.says) == true, "\(String(describing: error(item.changes)))")
  }

  @Test(arguments: ["RecordIO", "TFRecord"])
  func `records of other forms are refused by name`(_ split: String) {
    let input = JSON(Self.input, changing: ["SplitType": .string(split)])
    #expect(error(["TransformInput": input])?.message.contains("SplitType \(split)") == true)
  }

  @Test(arguments: ["AugmentedManifestFile", "Converse"])
  func `sources of other forms are refused by name`(_ form: String) {
    let input: JSON = [
      "DataSource": ["S3DataSource": ["S3DataType": .string(form), "S3Uri": "s3://bucket/in/"]]
    ]
    #expect(error(["TransformInput": input])?.message.contains(form) == true)
  }
}
