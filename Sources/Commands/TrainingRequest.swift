import Client
import HostKit
import JSONKit

/// Builds the body of CreateTrainingJob from a job file and flags. Pure but for checking that local inputs exist.
struct TrainingRequest {
  let options: FitOptions
  let file: JobFile?
  let environment: DaemonEnvironment
  let now: Timestamp

  /// The job's name: a flag's, the file's, or a base name with the time.
  var name: String {
    if let name = options.name { return name }
    if options.baseName == nil, let name = file?.request["TrainingJobName"]?.string { return name }
    return "\(options.baseName ?? fallbackBaseName)-\(CalendarText.nameSuffix(now))"
  }

  /// The sources that a script-mode job file keeps beside itself: its submit directory is a plain path.
  var filedSources: (program: String, folder: String)? {
    let parameters = file?.request["HyperParameters"]
    guard options.entryPoint == nil, let program = Self.decoded(parameters?["sagemaker_program"]),
      let place = Self.decoded(parameters?["sagemaker_submit_directory"]), !place.contains("://")
    else { return nil }
    return (program, absolutePath(place, from: file?.folder))
  }

  /// The request. `source` is the S3 URI of the packed sources and the program in it, in script mode.
  func body(name: String, source: (program: String, uri: String)?) throws -> JSON {
    var request = file?.request ?? JSON.Object()
    request["TrainingJobName"] = .string(name)
    request["AlgorithmSpecification"] = .object(algorithm(request["AlgorithmSpecification"]?.object))
    if request["RoleArn"] == nil {
      request["RoleArn"] = .string("arn:aws:iam::\(environment.accountId):role/htr")
    }
    if let inputs = try inputs(request["InputDataConfig"]?.array ?? []) {
      request["InputDataConfig"] = .array(inputs)
    }
    setOutput(&request)
    setLimits(&request)
    setTexts(&request, name: name, source: source)
    setTags(&request)
    return .object(request)
  }

  private var fallbackBaseName: String {
    if let file { return file.stem }
    let origin = options.entryPoint ?? options.algorithm ?? options.words.first ?? "job"
    let stem = Files.name(of: origin).split(separator: ".").first.map(String.init) ?? "job"
    // The time takes 24 of the 63 characters, and a name may hold letters, digits and inner hyphens only.
    let parts = stem.split { !($0.isASCII && ($0.isLetter || $0.isNumber)) }
    return parts.isEmpty ? "job" : String(parts.joined(separator: "-").prefix(38))
  }

  private func algorithm(_ given: JSON.Object?) -> JSON.Object {
    var algorithm = given ?? JSON.Object()
    if let name = options.algorithm {
      algorithm["AlgorithmName"] = .string(name)
      algorithm["TrainingImage"] = nil
    } else if options.entryPoint != nil {
      algorithm["TrainingImage"] = .string("htr/script:python3")
      algorithm["AlgorithmName"] = nil
    } else if let program = options.words.first {
      algorithm["TrainingImage"] = .string("htr/command")
      algorithm["AlgorithmName"] = nil
      algorithm["ContainerEntrypoint"] = .array([.string(program)])
      let arguments = options.words.dropFirst().map { JSON.string($0) }
      algorithm["ContainerArguments"] = arguments.isEmpty ? nil : .array(arguments)
    }
    if let image = options.image {
      algorithm["TrainingImage"] = .string(image)
      algorithm["AlgorithmName"] = nil
    }
    if let mode = options.inputMode { algorithm["TrainingInputMode"] = .string(mode) }
    if algorithm["TrainingInputMode"] == nil { algorithm["TrainingInputMode"] = "File" }
    let metrics = replacing(algorithm["MetricDefinitions"]?.array ?? [], by: "Name", options.metric) {
      ["Name": .string($0.name), "Regex": .string($0.value)]
    }
    if !metrics.isEmpty { algorithm["MetricDefinitions"] = .array(metrics) }
    return algorithm
  }

  private func inputs(_ given: [JSON]) throws -> [JSON]? {
    let named = try options.input.map {
      Assignment(name: $0.name, value: try Self.uri($0.value, existing: "--input \($0.name)"))
    }
    let channels = replacing(given.map(localized), by: "ChannelName", named) {
      [
        "ChannelName": .string($0.name),
        "DataSource": [
          "S3DataSource": [
            "S3DataType": "S3Prefix", "S3Uri": .string($0.value),
            "S3DataDistributionType": "FullyReplicated",
          ]
        ],
      ]
    }
    return channels.isEmpty ? nil : channels
  }

  /// A channel of the job file whose S3Uri is a plain path: the path is meant from the file's folder.
  private func localized(_ channel: JSON) -> JSON {
    guard var members = channel.object, var source = channel["DataSource"]?.object,
      var place = source["S3DataSource"]?.object, let uri = place["S3Uri"]?.string,
      !uri.contains("://")
    else { return channel }
    place["S3Uri"] = .string("file://\(absolutePath(uri, from: file?.folder))")
    source["S3DataSource"] = .object(place)
    members["DataSource"] = .object(source)
    return .object(members)
  }

  private func setOutput(_ request: inout JSON.Object) {
    var output = request["OutputDataConfig"]?.object ?? JSON.Object()
    if let path = options.outputPath { output["S3OutputPath"] = .string(path) }
    if output["S3OutputPath"] == nil {
      output["S3OutputPath"] = .string("s3://\(environment.defaultBucket)/")
    }
    request["OutputDataConfig"] = .object(output)
    if let checkpoint = options.checkpoint {
      var config = request["CheckpointConfig"]?.object ?? JSON.Object()
      config["S3Uri"] = .string(
        checkpoint.contains("://") ? checkpoint : "file://\(absolutePath(checkpoint))")
      request["CheckpointConfig"] = .object(config)
    }
  }

  private func setLimits(_ request: inout JSON.Object) {
    var resources = request["ResourceConfig"]?.object ?? JSON.Object()
    if let type = options.instanceType { resources["InstanceType"] = .string(type) }
    for (key, value) in [
      ("InstanceType", "local"), ("InstanceCount", 1), ("VolumeSizeInGB", 1),
    ] as [(String, JSON)] where resources[key] == nil { resources[key] = value }
    request["ResourceConfig"] = .object(resources)

    var stopping = request["StoppingCondition"]?.object ?? JSON.Object()
    if let seconds = options.maxRuntime { stopping["MaxRuntimeInSeconds"] = .integer(Int64(seconds)) }
    if stopping["MaxRuntimeInSeconds"] == nil { stopping["MaxRuntimeInSeconds"] = 86400 }
    request["StoppingCondition"] = .object(stopping)
    if let retries = options.retries {
      request["RetryStrategy"] = ["MaximumRetryAttempts": .integer(Int64(retries))]
    }
  }

  /// Hyperparameters and environment: maps of texts on the wire, whatever YAML made of their values.
  private func setTexts(_ request: inout JSON.Object, name: String, source: (program: String, uri: String)?) {
    var parameters = Self.texts(request["HyperParameters"]?.object)
    let isScript = source != nil || parameters["sagemaker_program"] != nil
    for parameter in options.hyperparameter {
      parameters[parameter.name] = .string(
        isScript ? Self.encoded(parameter.value) : parameter.value)
    }
    if let source {
      parameters["sagemaker_program"] = .string(JSON.string(source.program).text)
      parameters["sagemaker_submit_directory"] = .string(JSON.string(source.uri).text)
      parameters["sagemaker_container_log_level"] = "20"
      parameters["sagemaker_job_name"] = .string(JSON.string(name).text)
      parameters["sagemaker_region"] = .string(JSON.string(environment.region).text)
    }
    if !parameters.isEmpty { request["HyperParameters"] = .object(parameters) }

    var variables = Self.texts(request["Environment"]?.object)
    for variable in options.env { variables[variable.name] = .string(variable.value) }
    if !variables.isEmpty { request["Environment"] = .object(variables) }
  }

  private func setTags(_ request: inout JSON.Object) {
    var given = options.tag
    if let priority = options.priority {
      given.append(Assignment(name: "htr:priority", value: String(priority)))
    }
    let tags = replacing(request["Tags"]?.array ?? [], by: "Key", given) {
      ["Key": .string($0.name), "Value": .string($0.value)]
    }
    if !tags.isEmpty { request["Tags"] = .array(tags) }
  }

  private func replacing(
    _ given: [JSON], by key: String, _ new: [Assignment], _ make: (Assignment) -> JSON
  ) -> [JSON] {
    let names = Set(new.map(\.name))
    return given.filter { !names.contains($0[key]?.string ?? "") } + new.map(make)
  }

  /// A value as the SDK sends it in script mode: JSON stays as it is, anything else becomes a JSON string.
  static func encoded(_ value: String) -> String {
    // What is no JSON is a text, and is encoded as one.
    if let json = try? JSON(parsing: value), !json.isNull { return value }
    return JSON.string(value).text
  }

  /// A text that may or may not have been JSON-encoded.
  private static func decoded(_ value: JSON?) -> String? {
    guard let text = value?.string else { return nil }
    // What is no JSON has not been encoded.
    return (try? JSON(parsing: text))?.string ?? text
  }

  private static func texts(_ members: JSON.Object?) -> JSON.Object {
    JSON.Object(
      (members?.members ?? []).map { key, value in (key, value.string == nil ? .string(value.text) : value) })
  }

  /// A URI as it is, or the `file://` URI of a path that must exist.
  private static func uri(_ place: String, existing option: String) throws(Failure) -> String {
    if place.contains("://") { return place }
    let path = absolutePath(place)
    guard Files.exists(path) else {
      throw Failure("\(option): \(path)", "there is no such file or folder", advice: "Check the path.")
    }
    return "file://\(path)"
  }
}
