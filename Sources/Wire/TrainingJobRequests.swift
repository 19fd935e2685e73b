public import JSONKit

/// The requests that only name a job: Describe and Delete.
public struct TrainingJobNameRequest: Sendable {
  public let name: String

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    let name = reader.string(
      json, "TrainingJobName", at: "trainingJobName", required: true, length: 1...63, rule: .resourceName)
    try reader.finish()
    self.name = name ?? ""
  }
}

/// StopTrainingJob, with one member of htr's own: the seconds between TERM and KILL (0 kills at once).
public struct StopTrainingJobRequest: Sendable {
  public let name: String
  public let graceSeconds: Double?

  public init(json: JSON) throws(ServiceError) {
    name = try TrainingJobNameRequest(json: json).name
    var reader = ShapeReader()
    graceSeconds = reader.integer(json, "HtrGraceSeconds", at: "htrGraceSeconds", in: 0...86_400).map(Double.init)
    try reader.finish()
  }
}

/// UpdateTrainingJob: only the profiler's settings can change here; everything else is refused by name.
public struct UpdateTrainingJobRequest: Sendable {
  public let name: String
  public let profilerConfig: JSON?

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    let name = reader.string(
      json, "TrainingJobName", at: "trainingJobName", required: true, length: 1...63, rule: .resourceName)
    profilerConfig = reader.structure(json, "ProfilerConfig", at: "profilerConfig")
    reader.refuse(
      json,
      [
        "ProfilerRuleConfigurations": "no profiler rules are run",
        "ResourceConfig": "there is no instance to keep warm",
        "RemoteDebugConfig": "attach a debugger to the process on this machine instead",
      ], at: "")
    try reader.finish()
    self.name = name ?? ""
  }
}
