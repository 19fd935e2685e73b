public import JSONKit
import Resources

/// UpdateEndpointWeightsAndCapacities: the same workers, more or fewer of them, other shares of the requests.
public struct UpdateEndpointWeightsAndCapacitiesRequest: Sendable {
  /// What one variant shall have; nil leaves it as it is.
  public struct Change: Sendable, Equatable {
    public let variant: String
    public let weight: Double?
    public let instanceCount: Int?
  }

  public let name: String
  /// At least one, each of another variant.
  public let changes: [Change]

  /// Reads and checks a request; throws every fault at once.
  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    name = reader.resourceName(json, "EndpointName", at: "endpointName")
    // A configuration has ten variants at most.
    let items =
      reader.structures(
        json, "DesiredWeightsAndCapacities", at: "desiredWeightsAndCapacities", count: 1...10, required: true) ?? []
    var changes: [Change] = []
    for (path, item) in items {
      let change = reader.change(item, at: path)
      if changes.contains(where: { $0.variant == change.variant }) {
        reader.fault(change.variant, at: "\(path).variantName", "variant names must be unique")
      }
      changes.append(change)
    }
    self.changes = changes
    try reader.finish()
  }
}

extension ShapeReader {
  fileprivate mutating func change(
    _ json: JSON, at path: String
  ) -> UpdateEndpointWeightsAndCapacitiesRequest.Change {
    typealias Variant = EndpointConfig.Variant
    refuse(json, Refused.weightChange, at: "DesiredWeightsAndCapacities.")
    let count = integer(
      json, "DesiredInstanceCount", at: "\(path).desiredInstanceCount", in: 0...Int64(Variant.maximumInstanceCount))
    if count == 0 {
      fault(
        "DesiredWeightsAndCapacities.DesiredInstanceCount 0 is not supported by htr: a variant keeps at least one worker; set DesiredWeight 0 to keep requests from it"
      )
    }
    return .init(
      variant: resourceName(json, "VariantName", at: "\(path).variantName"),
      weight: number(json, "DesiredWeight", at: "\(path).desiredWeight", in: 0...Variant.maximumWeight),
      instanceCount: count.map { Int($0) })
  }
}
