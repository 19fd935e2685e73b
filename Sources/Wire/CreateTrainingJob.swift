public import JSONKit
public import Resources

/// CreateTrainingJob: the request, checked against every constraint that the wire contract names.
public struct CreateTrainingJobRequest: Sendable {
  public struct Channel: Sendable, Equatable {
    public enum Form: String, Sendable {
      case prefix = "S3Prefix"
      case manifest = "ManifestFile"
      case augmented = "AugmentedManifestFile"
    }
    public var name: String
    public var uri: String
    public var form: Form
    public var isSharded: Bool
    public var attributeNames: [String]
    public var inputMode: String?
    public var contentType: String?
    public var recordWrapper: String?
  }

  public struct MetricDefinition: Sendable, Equatable {
    public var name: String
    public var regex: String
  }

  public var name: String
  public var image: String?
  public var algorithmName: String?
  public var inputMode: String
  public var entrypoint: [String]
  public var entrypointArguments: [String]
  public var metricDefinitions: [MetricDefinition]
  public var hyperparameters: [String: String]
  public var environment: [String: String]
  public var channels: [Channel]
  public var outputPath: String
  public var compressesModel: Bool
  public var checkpointURI: String?
  public var checkpointLocalPath: String?
  public var instanceType: String
  public var instanceCount: Int64 = 1
  public var maximumRuntimeSeconds: Int64
  public var maximumWaitSeconds: Int64?
  public var maximumPendingSeconds: Int64?
  public var maximumRetries: Int64
  public var tags: [Tag]
  public var priority: Int
  /// The request with its defaults filled in: what DescribeTrainingJob echoes and the store keeps.
  public var json: JSON

  /// Reads and checks a request; throws every fault at once.
  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    let parts = Parts(json, &reader)
    try reader.finish()
    self = parts.request
  }
}

/// Collects the pieces while the reader collects the faults; `request` is only used when there were none.
private struct Parts {
  var request: CreateTrainingJobRequest

  init(_ json: JSON, _ reader: inout ShapeReader) {
    reader.refuse(json, Refused.request, at: "")
    let name = reader.string(
      json, "TrainingJobName", at: "trainingJobName", required: true, length: 1...63, rule: .resourceName)
    _ = reader.string(json, "RoleArn", at: "roleArn", required: true, length: 20...2048, rule: .roleARN)
    request = CreateTrainingJobRequest(blankNamed: name ?? "")
    readAlgorithm(json, &reader)
    request.hyperparameters =
      reader.map(
        json, "HyperParameters", at: "hyperParameters", maximumCount: 100, keyLength: 0...256,
        keyRule: .singleLine, valueLength: 0...2500) ?? [:]
    request.environment =
      reader.map(
        json, "Environment", at: "environment", maximumCount: 100, keyLength: 0...512,
        keyRule: .environmentKey, valueLength: 0...512) ?? [:]
    for (key, value) in request.environment where value.utf8.contains(0) {
      reader.fault("Environment variable \(key) holds a NUL byte, which no environment can carry")
    }
    readChannels(json, &reader)
    readOutput(json, &reader)
    readResources(json, &reader)
    readConditions(json, &reader)
    request.tags = readTags(json, &reader)
    request.priority = priority(of: request.tags, &reader)
    request.json = withDefaults(json)
  }

  private mutating func readAlgorithm(_ json: JSON, _ reader: inout ShapeReader) {
    let path = "algorithmSpecification"
    let part = reader.structure(json, "AlgorithmSpecification", at: path, required: true)
    guard part != nil else { return }
    reader.refuse(part, Refused.algorithm, at: "AlgorithmSpecification.")
    request.image = reader.string(
      part, "TrainingImage", at: "\(path).trainingImage", length: 1...255, rule: .singleLine)
    request.algorithmName = reader.string(
      part, "AlgorithmName", at: "\(path).algorithmName", length: 1...170, rule: .algorithmName)
    if (request.image == nil) == (request.algorithmName == nil) {
      reader.fault("AlgorithmSpecification must name exactly one of TrainingImage and AlgorithmName")
    }
    request.inputMode =
      reader.choice(
        part, "TrainingInputMode", at: "\(path).trainingInputMode", of: ["Pipe", "File", "FastFile"],
        required: true) ?? "File"
    if request.inputMode == "Pipe" { refusePipe(&reader, "AlgorithmSpecification.TrainingInputMode") }
    request.entrypoint =
      reader.strings(
        part, "ContainerEntrypoint", at: "\(path).containerEntrypoint", count: 1...100, length: 0...256) ?? []
    request.entrypointArguments =
      reader.strings(
        part, "ContainerArguments", at: "\(path).containerArguments", count: 1...100, length: 0...256) ?? []
    for text in request.entrypoint + request.entrypointArguments where text.utf8.contains(0) {
      reader.fault("AlgorithmSpecification.ContainerEntrypoint and ContainerArguments must not hold NUL bytes")
    }
    _ = reader.flag(
      part, "EnableSageMakerMetricsTimeSeries", at: "\(path).enableSageMakerMetricsTimeSeries")
    let definitions =
      reader.list(part, "MetricDefinitions", at: "\(path).metricDefinitions", count: 0...40) ?? []
    for (index, item) in definitions.enumerated() {
      let path = "\(path).metricDefinitions.\(index + 1).member"
      guard
        let name = reader.string(item, "Name", at: "\(path).name", required: true, length: 1...255),
        let regex = reader.string(item, "Regex", at: "\(path).regex", required: true, length: 1...500)
      else { continue }
      if name.hasPrefix("htr:") {
        reader.fault(name, at: "\(path).name", "names that begin with 'htr:' are htr's own series")
      }
      if request.metricDefinitions.contains(where: { $0.name == name }) {
        reader.fault(name, at: "\(path).name", "metric names must be unique within a job")
      }
      request.metricDefinitions.append(.init(name: name, regex: regex))
    }
  }

  private func refusePipe(_ reader: inout ShapeReader, _ place: String) {
    reader.fault("\(place) Pipe is not supported by htr: use File or FastFile, data on this machine need no pipe")
  }

  private mutating func readChannels(_ json: JSON, _ reader: inout ShapeReader) {
    let channels = reader.list(json, "InputDataConfig", at: "inputDataConfig", count: 1...20) ?? []
    for (index, item) in channels.enumerated() {
      let path = "inputDataConfig.\(index + 1).member"
      guard let channel = readChannel(item, path, &reader) else { continue }
      if request.channels.contains(where: { $0.name == channel.name }) {
        reader.fault(channel.name, at: "\(path).channelName", "channel names must be unique within a job")
      }
      request.channels.append(channel)
    }
  }

  private func readChannel(
    _ item: JSON, _ path: String, _ reader: inout ShapeReader
  ) -> CreateTrainingJobRequest.Channel? {
    reader.refuse(item, Refused.channel, at: "InputDataConfig.")
    let name = reader.string(
      item, "ChannelName", at: "\(path).channelName", required: true, length: 1...64, rule: .channelName)
    let source = reader.structure(item, "DataSource", at: "\(path).dataSource", required: true)
    reader.refuse(source, Refused.dataSource, at: "InputDataConfig.DataSource.")
    let s3Path = "\(path).dataSource.s3DataSource"
    let s3 = reader.structure(source, "S3DataSource", at: s3Path, required: source != nil)
    reader.refuse(s3, Refused.s3Source, at: "InputDataConfig.DataSource.S3DataSource.")
    let uri = reader.string(
      s3, "S3Uri", at: "\(s3Path).s3Uri", required: s3 != nil, length: 0...1024, rule: .dataURI)
    let form = reader.choice(
      s3, "S3DataType", at: "\(s3Path).s3DataType",
      of: ["ManifestFile", "S3Prefix", "AugmentedManifestFile"], required: s3 != nil)
    let distribution = reader.choice(
      s3, "S3DataDistributionType", at: "\(s3Path).s3DataDistributionType",
      of: ["FullyReplicated", "ShardedByS3Key"])
    let attributes =
      reader.strings(s3, "AttributeNames", at: "\(s3Path).attributeNames", count: 0...16, length: 1...256) ?? []
    let mode = reader.choice(
      item, "InputMode", at: "\(path).inputMode", of: ["Pipe", "File", "FastFile"])
    if mode == "Pipe" { refusePipe(&reader, "InputDataConfig.InputMode") }
    let compression = reader.choice(
      item, "CompressionType", at: "\(path).compressionType", of: ["None", "Gzip"])
    if compression == "Gzip" {
      reader.fault("InputDataConfig.CompressionType Gzip is not supported by htr: it belongs to Pipe mode")
    }
    let wrapper = reader.choice(
      item, "RecordWrapperType", at: "\(path).recordWrapperType", of: ["None", "RecordIO"])
    if wrapper == "RecordIO" {
      reader.fault("InputDataConfig.RecordWrapperType RecordIO is not supported by htr: it belongs to Pipe mode")
    }
    let contentType = reader.string(
      item, "ContentType", at: "\(path).contentType", length: 0...256, rule: .singleLine)
    guard let name, let uri, let form = form.flatMap(CreateTrainingJobRequest.Channel.Form.init(rawValue:))
    else { return nil }
    return .init(
      name: name, uri: uri, form: form, isSharded: distribution == "ShardedByS3Key",
      attributeNames: attributes, inputMode: mode, contentType: contentType, recordWrapper: wrapper)
  }

  private mutating func readOutput(_ json: JSON, _ reader: inout ShapeReader) {
    let part = reader.structure(json, "OutputDataConfig", at: "outputDataConfig", required: true)
    guard part != nil else { return }
    reader.refuse(part, Refused.output, at: "OutputDataConfig.")
    request.outputPath =
      reader.string(
        part, "S3OutputPath", at: "outputDataConfig.s3OutputPath", required: true, length: 0...1024,
        rule: .bucketURI) ?? ""
    if request.outputPath.hasPrefix("https://") {
      reader.fault("OutputDataConfig.S3OutputPath must be an s3:// URI of htr's own bucket store")
    }
    let compression = reader.choice(
      part, "CompressionType", at: "outputDataConfig.compressionType", of: ["GZIP", "NONE"])
    request.compressesModel = compression != "NONE"
    let checkpoint = reader.structure(json, "CheckpointConfig", at: "checkpointConfig")
    request.checkpointURI = reader.string(
      checkpoint, "S3Uri", at: "checkpointConfig.s3Uri", required: checkpoint != nil, length: 0...1024,
      rule: .dataURI)
    request.checkpointLocalPath = reader.string(
      checkpoint, "LocalPath", at: "checkpointConfig.localPath", length: 0...4096, rule: .singleLine)
    if let path = request.checkpointLocalPath, path != "/opt/ml/checkpoints" {
      reader.fault(
        "CheckpointConfig.LocalPath \(path) is not supported by htr: jobs find their checkpoints in /opt/ml/checkpoints (SM_CHECKPOINT_DIR)"
      )
    }
  }

  private mutating func readResources(_ json: JSON, _ reader: inout ShapeReader) {
    let part = reader.structure(json, "ResourceConfig", at: "resourceConfig")
    reader.refuse(part, Refused.resources, at: "ResourceConfig.")
    request.instanceType =
      reader.string(
        part, "InstanceType", at: "resourceConfig.instanceType", required: part != nil, length: 1...64,
        rule: .singleLine) ?? "local"
    request.instanceCount =
      reader.integer(
        part, "InstanceCount", at: "resourceConfig.instanceCount", in: 0...Int64(Int32.max),
        required: part != nil) ?? 1
    if request.instanceCount == 0 {
      reader.fault("0", at: "resourceConfig.instanceCount", "Member must have value greater than or equal to 1")
    }
    _ = reader.integer(
      part, "VolumeSizeInGB", at: "resourceConfig.volumeSizeInGB", in: 0...Int64(Int32.max))
  }

  private mutating func readConditions(_ json: JSON, _ reader: inout ShapeReader) {
    let path = "stoppingCondition"
    let part = reader.structure(json, "StoppingCondition", at: path)
    request.maximumRuntimeSeconds =
      reader.integer(
        part, "MaxRuntimeInSeconds", at: "\(path).maxRuntimeInSeconds", in: 1...2_419_200) ?? 86_400
    request.maximumWaitSeconds = reader.integer(
      part, "MaxWaitTimeInSeconds", at: "\(path).maxWaitTimeInSeconds", in: 1...Int64(Int32.max))
    request.maximumPendingSeconds = reader.integer(
      part, "MaxPendingTimeInSeconds", at: "\(path).maxPendingTimeInSeconds", in: 1...2_419_200)
    let isSpot =
      reader.flag(json, "EnableManagedSpotTraining", at: "enableManagedSpotTraining") ?? false
    if let wait = request.maximumWaitSeconds {
      if !isSpot {
        reader.fault("MaxWaitTimeInSeconds above 0 is not supported when EnableManagedSpotTraining is false")
      } else if wait < request.maximumRuntimeSeconds {
        reader.fault(
          "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds")
      }
    } else if isSpot {
      reader.fault(
        "Invalid MaxWaitTimeInSeconds. It must be present and be greater than or equal to MaxRuntimeInSeconds")
    }
    _ = reader.flag(
      json, "EnableInterContainerTrafficEncryption", at: "enableInterContainerTrafficEncryption")
    let retry = reader.structure(json, "RetryStrategy", at: "retryStrategy")
    request.maximumRetries =
      reader.integer(
        retry, "MaximumRetryAttempts", at: "retryStrategy.maximumRetryAttempts", in: 1...30,
        required: retry != nil) ?? 0
  }

  private func readTags(_ json: JSON, _ reader: inout ShapeReader) -> [Tag] {
    TagList.read(json, &reader)
  }

  private func priority(of tags: [Tag], _ reader: inout ShapeReader) -> Int {
    guard let text = tags.first(where: { $0.key == Tag.priorityKey })?.value else { return 0 }
    guard let priority = Int(text), (-100...100).contains(priority) else {
      reader.fault(text, at: "tags \(Tag.priorityKey)", "the priority is an integer from -100 to 100")
      return 0
    }
    return priority
  }

  private func withDefaults(_ json: JSON) -> JSON {
    guard case .object(var object) = json else { return json }
    object["Tags"] = nil
    if object["ResourceConfig"] == nil {
      object["ResourceConfig"] = ["InstanceType": "local", "InstanceCount": 1, "VolumeSizeInGB": 1]
    }
    var condition = object["StoppingCondition"]?.object ?? .init()
    if condition["MaxRuntimeInSeconds"] == nil {
      condition["MaxRuntimeInSeconds"] = .integer(request.maximumRuntimeSeconds)
    }
    object["StoppingCondition"] = .object(condition)
    return .object(object)
  }
}

extension CreateTrainingJobRequest {
  fileprivate init(blankNamed name: String) {
    self.name = name
    inputMode = "File"
    entrypoint = []
    entrypointArguments = []
    metricDefinitions = []
    hyperparameters = [:]
    environment = [:]
    channels = []
    outputPath = ""
    compressesModel = true
    instanceType = "local"
    maximumRuntimeSeconds = 86_400
    maximumRetries = 0
    tags = []
    priority = 0
    json = .null
  }
}
