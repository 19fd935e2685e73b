public import JSONKit
public import Resources

/// CreateModel: one container, or several whose answers are handed on from one to the next.
public struct CreateModelRequest: Sendable {
  public let name: String
  /// In the order of the requests' way; the digests of their archives are not known yet.
  public let containers: [Model.Container]
  /// Echoed only: workers run as the daemon's user.
  public let roleARN: String?
  public let tags: [Tag]
  /// The request with its defaults filled in: what DescribeModel echoes and the store keeps.
  public let json: JSON

  /// Reads and checks a request; throws every fault at once.
  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    reader.refuse(json, Refused.model, at: "")
    name = reader.resourceName(json, "ModelName", at: "modelName", rule: .modelName)
    containers = Self.containers(json, &reader)
    Self.checkExecution(json, &reader)
    roleARN = reader.string(
      json, "ExecutionRoleArn", at: "executionRoleArn", length: 20...2048, rule: .roleARN)
    _ = reader.flag(json, "EnableNetworkIsolation", at: "enableNetworkIsolation")
    tags = TagList.read(json, &reader)
    try reader.finish()
    self.json = Self.withDefaults(json.withoutNulls)
  }

  private static func containers(_ json: JSON, _ reader: inout ShapeReader) -> [Model.Container] {
    let primary = reader.structure(json, "PrimaryContainer", at: "primaryContainer")
    let several = reader.structures(json, "Containers", at: "containers", count: 0...15) ?? []
    if primary != nil, !several.isEmpty {
      reader.fault("A model has either PrimaryContainer or Containers, not both")
    } else if primary == nil, json["Containers"]?.array?.isEmpty ?? true {
      reader.fault("A model must have PrimaryContainer or at least one of Containers")
    }
    checkHostnames(several, &reader)
    if let primary { return [reader.container(primary, at: "primaryContainer", place: "PrimaryContainer.")] }
    return several.map { reader.container($0.item, at: $0.path, place: "Containers.") }
  }

  /// In a pipeline either every container is named or none, each name once.
  private static func checkHostnames(_ containers: [(path: String, item: JSON)], _ reader: inout ShapeReader) {
    let names = containers.compactMap { $0.item["ContainerHostname"]?.string }
    if Set(names).count < names.count { reader.fault("Containers.ContainerHostname must be unique within a model") }
    if !names.isEmpty, names.count < containers.count {
      reader.fault("Containers.ContainerHostname must be given for every container or for none")
    }
  }

  private static func checkExecution(_ json: JSON, _ reader: inout ShapeReader) {
    let path = "inferenceExecutionConfig"
    let part = reader.structure(json, "InferenceExecutionConfig", at: path)
    let mode = reader.choice(part, "Mode", at: "\(path).mode", of: ["Serial", "Direct"], required: part != nil)
    if mode == "Direct" {
      reader.fault(
        "InferenceExecutionConfig.Mode Direct is not supported by htr: make a model and a variant of each container instead"
      )
    }
  }

  private static func withDefaults(_ json: JSON) -> JSON {
    guard case .object(var request) = json else { return json }
    request["Tags"] = nil
    if let primary = request["PrimaryContainer"] { request["PrimaryContainer"] = container(primary) }
    if let several = request["Containers"]?.array {
      request["Containers"] = several.isEmpty ? nil : .array(several.map(container))
    }
    return .object(request)
  }

  private static func container(_ json: JSON) -> JSON {
    guard case .object(var container) = json else { return json }
    if container["Mode"] == nil { container["Mode"] = "SingleModel" }
    if container["Environment"] == nil { container["Environment"] = .object(.init()) }
    return .object(container)
  }
}
