import HostKit
public import JSONKit

/// The part of an endpoint that changes, as it is stored.
extension Endpoint {
  public var stateJSON: JSON {
    .members([
      "failureReason": failureReason.map { .string($0) }, "deployed": deployed?.json, "incoming": incoming?.json,
      "lastDeployment": .integer(Int64(lastDeployment)),
    ])
  }

  /// Fills the changing part from its stored form; false when it is not such a form.
  public mutating func restoreState(from json: JSON) -> Bool {
    guard let last = json["lastDeployment"]?.integer else { return false }
    failureReason = json["failureReason"]?.string
    deployed = json["deployed"].flatMap(Deployment.init(json:))
    incoming = json["incoming"].flatMap(Deployment.init(json:))
    lastDeployment = Int(last)
    return (deployed == nil) == (json["deployed"] == nil) && (incoming == nil) == (json["incoming"] == nil)
  }
}

extension Deployment {
  fileprivate var json: JSON {
    .members([
      "number": .integer(Int64(number)), "configName": .string(configName),
      "createdAt": .integer(createdAt.milliseconds),
      "variants": .array(
        variants.map { ["config": $0.config.json, "containers": .array($0.containers.map(\.json))] }),
      "asyncInference": asyncInference?.request,
    ])
  }

  fileprivate init?(json: JSON) {
    guard let number = json["number"]?.integer, let configName = json["configName"]?.string,
      let createdAt = json["createdAt"]?.integer, let items = json["variants"]?.array
    else { return nil }
    let variants = items.compactMap { item -> Variant? in
      guard let config = item["config"].flatMap(EndpointConfig.Variant.init(json:)),
        let containers = item["containers"]?.array?.compactMap(Model.Container.init(json:)), !containers.isEmpty
      else { return nil }
      return Variant(config: config, containers: containers)
    }
    guard variants.count == items.count else { return nil }
    self.init(
      number: Int(number), configName: configName, variants: variants,
      asyncInference: json["asyncInference"].map(AsyncInference.init(request:)),
      createdAt: Timestamp(milliseconds: createdAt))
  }
}
