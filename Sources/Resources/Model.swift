public import HostKit
public import JSONKit

/// A model: what a worker serves. One container, or several whose answers are handed on from one to the next.
public struct Model: Sendable, Equatable {
  /// One program and the archive that it serves.
  public struct Container: Sendable, Equatable {
    /// The image's name, mapped to a runtime of this machine.
    public var image: String
    /// The archive (`model.tar.gz`), as `s3://` or `file://` URI; nil for a program that needs none.
    public var dataURI: String?
    /// Digest of the archive when the model was created: what is unpacked later must still be that.
    public var sha256: String?
    public var environment: [String: String]

    public init(image: String, dataURI: String?, sha256: String? = nil, environment: [String: String] = [:]) {
      self.image = image
      self.dataURI = dataURI
      self.sha256 = sha256
      self.environment = environment
    }
  }

  /// Ordered by creation time.
  public let id: Int64
  public let name: String
  public let region: String
  public let account: String
  /// The CreateModel request.
  public let request: JSON
  public let containers: [Container]
  public let createdAt: Timestamp

  public init(
    id: Int64, name: String, region: String, account: String, request: JSON, containers: [Container],
    createdAt: Timestamp
  ) {
    self.id = id
    self.name = name
    self.region = region
    self.account = account
    self.request = request
    self.containers = containers
    self.createdAt = createdAt
  }

  public var arn: AmazonResourceName {
    AmazonResourceName(region: region, account: account, kind: .model, name: name)
  }
}

extension Model.Container {
  public var json: JSON {
    .members([
      "image": .string(image), "dataURI": dataURI.map { .string($0) }, "sha256": sha256.map { .string($0) },
      "environment": .strings(environment),
    ])
  }

  public init?(json: JSON) {
    guard let image = json["image"]?.string, let environment = json["environment"]?.stringMap else { return nil }
    self.init(
      image: image, dataURI: json["dataURI"]?.string, sha256: json["sha256"]?.string, environment: environment)
  }
}
