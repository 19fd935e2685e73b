public import JSONKit

/// The requests that only name a model: Describe and Delete.
public struct ModelNameRequest: Sendable {
  public let name: String

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    name = reader.resourceName(json, "ModelName", at: "modelName", rule: .modelName)
    try reader.finish()
  }
}
