public import JSONKit

/// The requests that only name a transform job: Describe and Stop.
public struct TransformJobNameRequest: Sendable {
  public let name: String

  public init(json: JSON) throws(ServiceError) {
    var reader = ShapeReader()
    name = reader.resourceName(json, "TransformJobName", at: "transformJobName")
    try reader.finish()
  }
}
