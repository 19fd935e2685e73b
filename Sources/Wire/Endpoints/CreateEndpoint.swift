public import JSONKit
public import Resources

/// CreateEndpoint.
public struct CreateEndpointRequest: Sendable {
  public let name: String
  public let configName: String
  public let tags: [Tag]

  /// Reads and checks a request; throws every fault at once.
  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    name = reader.resourceName(json, "EndpointName", at: "endpointName")
    configName = reader.resourceName(json, "EndpointConfigName", at: "endpointConfigName")
    reader.checkDeploymentConfig(json)
    tags = TagList.read(json, &reader)
    try reader.finish()
  }
}
