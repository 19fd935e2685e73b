public import JSONKit
public import Resources

/// CreateTransformJob, checked against every constraint of its shape.
public struct CreateTransformJobRequest: Sendable {
  public enum SourceForm: String, Sendable {
    /// All objects whose keys begin with the URI's.
    case prefix = "S3Prefix"
    /// A JSON array: `{"prefix": URI}`, then keys relative to it.
    case manifest = "ManifestFile"
  }

  public let name: String
  public let modelName: String
  public let source: String
  public let sourceForm: SourceForm
  public let contentType: String?
  public let isGzipped: Bool
  /// Whether an input is read line by line; else it is one record.
  public let splitsLines: Bool
  /// Whether a request carries as many records as fit.
  public let sendsManyRecords: Bool
  /// Bytes of the largest request.
  public let largestPayload: Int
  /// Requests that each worker is given at a time; nil: as many as an endpoint's worker would take.
  public let requestsPerWorker: Int?
  public let timeoutSeconds: Double
  /// Tries after the first.
  public let mostRetries: Int
  public let environment: [String: String]
  public let outputPath: String
  public let accept: String?
  /// Whether each answer ends its line.
  public let assemblesLines: Bool
  public let instanceType: String
  public let instanceCount: Int
  public let tags: [Tag]
  /// The request with its defaults filled in: what DescribeTransformJob echoes and the store keeps.
  public let json: JSON

  /// Reads and checks a request; throws every fault at once.
  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    reader.refuse(json, Refused.transform, at: "")
    name = reader.resourceName(json, "TransformJobName", at: "transformJobName")
    modelName = reader.resourceName(json, "ModelName", at: "modelName", rule: .modelName)
    let input = TransformInputShape(json, &reader)
    source = input.uri
    sourceForm = input.form
    contentType = input.contentType
    isGzipped = input.isGzipped
    splitsLines = input.splitsLines
    let strategy = reader.choice(
      json, "BatchStrategy", at: "batchStrategy", of: ["MultiRecord", "SingleRecord"])
    sendsManyRecords = strategy != "SingleRecord"
    let limits = TransformLimits(json, &reader)
    largestPayload = limits.payloadMiB << 20
    requestsPerWorker = limits.requests
    timeoutSeconds = limits.timeoutSeconds
    mostRetries = limits.mostRetries
    environment = reader.transformEnvironment(json)
    let output = TransformOutputShape(json, &reader)
    outputPath = output.uri
    accept = output.accept
    assemblesLines = output.assemblesLines
    (instanceType, instanceCount) = reader.transformResources(json)
    reader.checkDataProcessing(json)
    tags = TagList.read(json, &reader)
    try reader.finish()
    self.json = Self.withDefaults(json.withoutNulls)
  }

  /// Tags have a table of their own; what the model is asked for by default is told as SageMaker tells it.
  private static func withDefaults(_ json: JSON) -> JSON {
    guard case .object(var request) = json else { return json }
    request["Tags"] = nil
    if case .object(var input)? = request["TransformInput"] {
      if input["CompressionType"] == nil { input["CompressionType"] = "None" }
      if input["SplitType"] == nil { input["SplitType"] = "None" }
      request["TransformInput"] = .object(input)
    }
    if case .object(var output)? = request["TransformOutput"] {
      if output["AssembleWith"] == nil { output["AssembleWith"] = "None" }
      // Clients subscript it.
      if output["KmsKeyId"] == nil { output["KmsKeyId"] = "" }
      request["TransformOutput"] = .object(output)
    }
    if request["DataProcessing"] == nil {
      request["DataProcessing"] = ["InputFilter": "$", "OutputFilter": "$", "JoinSource": "None"]
    }
    return .object(request)
  }
}
