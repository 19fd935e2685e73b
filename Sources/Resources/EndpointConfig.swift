public import HostKit
public import JSONKit

/// An endpoint configuration: which models an endpoint serves, with how many workers and which share of the requests.
public struct EndpointConfig: Sendable, Equatable {
  /// One production variant as it was asked for.
  public struct Variant: Sendable, Equatable {
    public var name: String
    public var modelName: String
    public var instanceType: String
    public var instanceCount: Int
    /// Its share of the requests is this by the sum of all variants' weights.
    public var weight: Double
    /// Seconds that a worker may take until it is healthy.
    public var startupSeconds: Double

    public init(
      name: String, modelName: String, instanceType: String, instanceCount: Int, weight: Double, startupSeconds: Double
    ) {
      self.name = name
      self.modelName = modelName
      self.instanceType = instanceType
      self.instanceCount = instanceCount
      self.weight = weight
      self.startupSeconds = startupSeconds
    }
  }

  /// Ordered by creation time.
  public let id: Int64
  public let name: String
  public let region: String
  public let account: String
  /// The CreateEndpointConfig request.
  public let request: JSON
  public let variants: [Variant]
  public let createdAt: Timestamp

  public init(
    id: Int64, name: String, region: String, account: String, request: JSON, variants: [Variant], createdAt: Timestamp
  ) {
    self.id = id
    self.name = name
    self.region = region
    self.account = account
    self.request = request
    self.variants = variants
    self.createdAt = createdAt
  }

  public var asyncInference: AsyncInference? {
    request["AsyncInferenceConfig"].map(AsyncInference.init(request:))
  }

  public var arn: AmazonResourceName {
    AmazonResourceName(region: region, account: account, kind: .endpointConfig, name: name)
  }
}

extension EndpointConfig.Variant {
  public var json: JSON {
    [
      "name": .string(name), "modelName": .string(modelName), "instanceType": .string(instanceType),
      "instanceCount": .integer(Int64(instanceCount)), "weight": .number(weight),
      "startupSeconds": .number(startupSeconds),
    ]
  }

  public init?(json: JSON) {
    guard let name = json["name"]?.string, let modelName = json["modelName"]?.string,
      let instanceType = json["instanceType"]?.string, let instanceCount = json["instanceCount"]?.integer,
      let weight = json["weight"]?.number, let startupSeconds = json["startupSeconds"]?.number
    else { return nil }
    self.init(
      name: name, modelName: modelName, instanceType: instanceType, instanceCount: Int(instanceCount), weight: weight,
      startupSeconds: startupSeconds)
  }
}
