public import JSONKit

/// The requests that only name an endpoint: Describe and Delete.
public struct EndpointNameRequest: Sendable {
  public let name: String

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    name = reader.resourceName(json, "EndpointName", at: "endpointName")
    try reader.finish()
  }
}

/// The requests that only name an endpoint configuration: Describe and Delete.
public struct EndpointConfigNameRequest: Sendable {
  public let name: String

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    name = reader.resourceName(json, "EndpointConfigName", at: "endpointConfigName")
    try reader.finish()
  }
}
