public import JSONKit

/// UpdateEndpoint: another configuration takes over.
public struct UpdateEndpointRequest: Sendable {
  /// What a variant of the same name can keep from before.
  public enum VariantProperty: String, Sendable, CaseIterable {
    case instanceCount = "DesiredInstanceCount"
    case weight = "DesiredWeight"
    case dataCapture = "DataCaptureConfig"
  }

  public let name: String
  public let configName: String
  /// Variants keep the properties that they have now, instead of taking those of the configuration.
  public let retainsVariantProperties: Bool
  /// Those that are taken from the configuration all the same.
  public let excludedProperties: Set<VariantProperty>

  /// Reads and checks a request; throws every fault at once.
  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    name = reader.resourceName(json, "EndpointName", at: "endpointName")
    configName = reader.resourceName(json, "EndpointConfigName", at: "endpointConfigName")
    retainsVariantProperties =
      reader.flag(json, "RetainAllVariantProperties", at: "retainAllVariantProperties") ?? false
    let items =
      reader.structures(
        json, "ExcludeRetainedVariantProperties", at: "excludeRetainedVariantProperties", count: 0...3) ?? []
    var excluded: Set<VariantProperty> = []
    for (path, item) in items {
      let type = reader.choice(
        item, "VariantPropertyType", at: "\(path).variantPropertyType", of: VariantProperty.allCases.map(\.rawValue),
        required: true)
      if let property = type.flatMap(VariantProperty.init(rawValue:)) { excluded.insert(property) }
    }
    excludedProperties = excluded
    reader.checkDeploymentConfig(json)
    // Every deployment goes the same way, so that keeping the last one's changes nothing.
    _ = reader.flag(json, "RetainDeploymentConfig", at: "retainDeploymentConfig")
    try reader.finish()
  }
}
