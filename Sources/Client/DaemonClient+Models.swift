public import JSONKit

/// A model as the daemon knows it.
public struct ModelRecord: Sendable, Equatable {
  /// The shape of DescribeModel.
  public let model: JSON
  /// What only htr knows: how each container is run, and the digest of its archive.
  public let htr: JSON

  public init(model: JSON, htr: JSON) {
    self.model = model
    self.htr = htr
  }

  public var name: String { model["ModelName"]?.string ?? "" }

  /// As CreateModel takes them, in the order in which they answer.
  public var containers: [JSON] {
    if let containers = model["Containers"]?.array, !containers.isEmpty { return containers }
    return model["PrimaryContainer"].map { [$0] } ?? []
  }

  /// The model's members with htr's own under `Htr`: what `--output json` prints.
  public var described: JSON {
    guard var members = model.object else { return model }
    members["Htr"] = htr
    return .object(members)
  }
}

extension DaemonClient {
  /// - Throws: `ServiceError` that `isMissing` for an unknown one.
  public func model(_ name: String) throws -> ModelRecord {
    let answer = try get("/htr/v1/models/\(percentEncoded(name))")
    guard let model = answer["Model"] else {
      throw ClientError.malformed(reason: "no Model in the record of \(name)")
    }
    return ModelRecord(model: model, htr: answer["Htr"] ?? .object(.init()))
  }
}
