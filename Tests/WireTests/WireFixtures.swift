import HostKit
import JSONKit
import Resources
import Wire

extension JSON {
  /// An object with members replaced; null removes one.
  init(_ json: JSON, changing changes: KeyValuePairs<String, JSON>) {
    var members = json.object ?? .init()
    for (key, value) in changes { members[key] = value.isNull ? nil : value }
    self = .object(members)
  }
}

/// The error that reading a request throws, nil when it is right.
func serviceError(_ read: () throws(ServiceError) -> Void) -> ServiceError? {
  do throws(ServiceError) {
    try read()
    return nil
  } catch { return error }
}

extension Model {
  static func fixture(_ name: String = "model-1", id: Int64 = 1, request: JSON = .object(.init())) -> Model {
    Model(
      id: id, name: name, region: "eu-west-1", account: "123456789012", request: request, containers: [],
      createdAt: Timestamp(milliseconds: 1_500))
  }
}

extension EndpointConfig.Variant {
  static func fixture(_ name: String = "AllTraffic", count: Int = 1, weight: Double = 1) -> Self {
    Self(
      name: name, modelName: "model-1", instanceType: "ml.m5.large", instanceCount: count, weight: weight,
      startupSeconds: 600)
  }
}

extension Deployment {
  static func fixture(_ number: Int, config: String, _ variants: [EndpointConfig.Variant]) -> Deployment {
    Deployment(
      number: number, configName: config,
      variants: variants.map { .init(config: $0, containers: [.init(image: "htr/script", dataURI: "s3://b/m")]) },
      createdAt: Timestamp(milliseconds: Int64(number) * 10_000))
  }
}

extension Endpoint {
  static func fixture(_ name: String = "Words", id: Int64 = 1) -> Endpoint {
    Endpoint(
      id: id, name: name, region: "eu-west-1", account: "123456789012", createdAt: Timestamp(milliseconds: 2_500))
  }
}
