import JSONKit

/// TransformInput.
struct TransformInputShape {
  let uri: String
  let form: CreateTransformJobRequest.SourceForm
  let contentType: String?
  let isGzipped: Bool
  let splitsLines: Bool

  init(_ json: JSON, _ reader: inout ShapeReader) {
    let path = "transformInput"
    let part = reader.structure(json, "TransformInput", at: path, required: true)
    let source = reader.structure(part, "DataSource", at: "\(path).dataSource", required: part != nil)
    let s3Path = "\(path).dataSource.s3DataSource"
    let s3 = reader.structure(source, "S3DataSource", at: s3Path, required: source != nil)
    let name = reader.choice(
      s3, "S3DataType", at: "\(s3Path).s3DataType",
      of: ["ManifestFile", "S3Prefix", "AugmentedManifestFile", "Converse"], required: s3 != nil)
    let known = name.flatMap(CreateTransformJobRequest.SourceForm.init(rawValue:))
    if let name, known == nil {
      reader.fault(
        "TransformInput.DataSource.S3DataSource.S3DataType \(name) is not supported by htr: use S3Prefix or ManifestFile"
      )
    }
    form = known ?? .prefix
    uri =
      reader.storedURI(
        s3, "S3Uri", at: "\(s3Path).s3Uri", place: "TransformInput.DataSource.S3DataSource.S3Uri", required: s3 != nil)
    contentType = reader.string(
      part, "ContentType", at: "\(path).contentType", length: 0...256, rule: .singleLine)
    let compression = reader.choice(part, "CompressionType", at: "\(path).compressionType", of: ["None", "Gzip"])
    isGzipped = compression == "Gzip"
    let split = reader.choice(
      part, "SplitType", at: "\(path).splitType", of: ["None", "Line", "RecordIO", "TFRecord"])
    if let split, split != "None", split != "Line" {
      reader.fault(
        "TransformInput.SplitType \(split) is not supported by htr: use Line, or None with one record an object")
    }
    splitsLines = split == "Line"
  }
}

/// TransformOutput.
struct TransformOutputShape {
  let uri: String
  let accept: String?
  let assemblesLines: Bool

  init(_ json: JSON, _ reader: inout ShapeReader) {
    let path = "transformOutput"
    let part = reader.structure(json, "TransformOutput", at: path, required: true)
    reader.refuse(part, Refused.output, at: "TransformOutput.")
    uri = reader.storedURI(
      part, "S3OutputPath", at: "\(path).s3OutputPath", place: "TransformOutput.S3OutputPath", required: part != nil)
    accept = reader.string(part, "Accept", at: "\(path).accept", length: 0...256, rule: .singleLine)
    assemblesLines =
      reader.choice(part, "AssembleWith", at: "\(path).assembleWith", of: ["None", "Line"]) == "Line"
  }
}

/// How much of a job goes to the workers at a time, and how long they may take.
struct TransformLimits {
  /// SageMaker's default, and its bound for all that one worker has in hand.
  private static let (usualMiB, mostMiB): (Int64, Int64) = (6, 100)

  let payloadMiB: Int
  let requests: Int?
  let timeoutSeconds: Double
  let mostRetries: Int

  init(_ json: JSON, _ reader: inout ShapeReader) {
    let payload = reader.integer(json, "MaxPayloadInMB", at: "maxPayloadInMB", in: 0...Self.mostMiB)
    if payload == 0 {
      reader.fault(
        "MaxPayloadInMB 0 is not supported by htr: requests are held in memory, so name a bound from 1 to \(Self.mostMiB)"
      )
    }
    let asked = reader.integer(
      json, "MaxConcurrentTransforms", at: "maxConcurrentTransforms", in: 0...Self.mostMiB)
    if let asked, asked * (payload ?? Self.usualMiB) > Self.mostMiB {
      reader.fault(
        "MaxConcurrentTransforms * MaxPayloadInMB is \(asked) * \(payload ?? Self.usualMiB); it must not exceed \(Self.mostMiB) MB"
      )
    }
    payloadMiB = Int(payload ?? Self.usualMiB)
    // 0 leaves it to the algorithm, as leaving it out does.
    requests = asked.flatMap { $0 > 0 ? Int($0) : nil }
    let path = "modelClientConfig"
    let client = reader.structure(json, "ModelClientConfig", at: path)
    let seconds = reader.integer(
      client, "InvocationsTimeoutInSeconds", at: "\(path).invocationsTimeoutInSeconds", in: 1...3600)
    timeoutSeconds = Double(seconds ?? 600)
    mostRetries = Int(
      reader.integer(client, "InvocationsMaxRetries", at: "\(path).invocationsMaxRetries", in: 0...3) ?? 3)
  }
}

extension ShapeReader {
  /// The URI of objects in htr's own bucket store.
  mutating func storedURI(
    _ part: JSON?, _ member: String, at path: String, place: String, required: Bool
  ) -> String {
    let uri = string(part, member, at: path, required: required, length: 0...1024, rule: .bucketURI) ?? ""
    if uri.hasPrefix("https://") { fault("\(place) must be an s3:// URI of htr's own bucket store") }
    return uri
  }

  mutating func transformEnvironment(_ json: JSON) -> [String: String] {
    let environment =
      map(
        json, "Environment", at: "environment", maximumCount: 16, keyLength: 0...1024, keyRule: .environmentKey,
        valueLength: 0...10_240) ?? [:]
    for (key, value) in environment.sorted(by: { $0.key < $1.key }) where value.utf8.contains(0) {
      fault("Environment variable \(key) holds a NUL byte, which no environment can carry")
    }
    return environment
  }

  /// The most workers of one job, as of one variant of an endpoint.
  mutating func transformResources(_ json: JSON) -> (type: String, count: Int) {
    let path = "transformResources"
    let part = structure(json, "TransformResources", at: path, required: true)
    refuse(part, Refused.transformResources, at: "TransformResources.")
    let type = string(
      part, "InstanceType", at: "\(path).instanceType", required: part != nil, length: 1...64, rule: .singleLine)
    let count = integer(
      part, "InstanceCount", at: "\(path).instanceCount", in: 1...100, required: part != nil)
    return (type ?? "local", Int(count ?? 1))
  }

  /// What goes to the model is the whole record, what comes from it is the whole answer.
  mutating func checkDataProcessing(_ json: JSON) {
    let path = "dataProcessing"
    let part = structure(json, "DataProcessing", at: path)
    for (member, name) in [("InputFilter", "inputFilter"), ("OutputFilter", "outputFilter")] {
      guard let filter = string(part, member, at: "\(path).\(name)", length: 0...63), filter != "$", !filter.isEmpty
      else { continue }
      fault(
        "DataProcessing.\(member) '\(filter)' is not supported by htr: use $, the whole record, and filter in the model's code"
      )
    }
    if choice(part, "JoinSource", at: "\(path).joinSource", of: ["Input", "None"]) == "Input" {
      fault("DataProcessing.JoinSource Input is not supported by htr: use None and let the model repeat its input")
    }
  }
}
