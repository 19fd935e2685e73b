public import JSONKit
public import Resources

/// CreateEndpointConfig: production variants, each a model with a number of workers and a share of the requests.
public struct CreateEndpointConfigRequest: Sendable {
  public let name: String
  public let variants: [EndpointConfig.Variant]
  public let tags: [Tag]
  /// The request with its defaults filled in: what DescribeEndpointConfig echoes and the store keeps.
  public let json: JSON

  /// Reads and checks a request; throws every fault at once.
  public init(json: JSON) throws(ServiceError) {
    var reader = try ShapeReader(request: json)
    // A capture that is switched off, as the SageMaker SDK writes it, asks for nothing; it is kept and told.
    let capture = reader.structure(json, "DataCaptureConfig", at: "dataCaptureConfig")
    let isOff = reader.flag(capture, "EnableCapture", at: "dataCaptureConfig.enableCapture") == false
    reader.refuse(json, Refused.endpointConfig.filter { !(isOff && $0.key == "DataCaptureConfig") }, at: "")
    name = reader.resourceName(json, "EndpointConfigName", at: "endpointConfigName")
    let items =
      reader.structures(
        json, "ProductionVariants", at: "productionVariants", count: 1...10, required: true) ?? []
    variants = items.map { reader.variant($0.item, at: $0.path) }
    for (index, variant) in variants.enumerated()
    where variants[..<index].contains(where: { $0.name == variant.name }) {
      reader.fault(variant.name, at: "\(items[index].path).variantName", "variant names must be unique")
    }
    if !variants.isEmpty, variants.allSatisfy({ $0.weight == 0 }) {
      reader.fault("At least one of ProductionVariants must have an InitialVariantWeight above 0")
    }
    _ = reader.string(
      json, "ExecutionRoleArn", at: "executionRoleArn", length: 20...2048, rule: .roleARN)
    _ = reader.flag(json, "EnableNetworkIsolation", at: "enableNetworkIsolation")
    reader.checkAsyncInference(json)
    tags = TagList.read(json, &reader)
    try reader.finish()
    self.json = Self.withDefaults(json.withoutNulls, variants)
  }

  private static func withDefaults(_ json: JSON, _ variants: [EndpointConfig.Variant]) -> JSON {
    guard case .object(var request) = json else { return json }
    request["Tags"] = nil
    let items = request["ProductionVariants"]?.array ?? []
    request["ProductionVariants"] = .array(
      zip(items, variants).map { item, variant in
        guard case .object(var item) = item else { return item }
        if item["InitialInstanceCount"] == nil { item["InitialInstanceCount"] = .integer(Int64(variant.instanceCount)) }
        if item["InstanceType"] == nil { item["InstanceType"] = .string(variant.instanceType) }
        if item["InitialVariantWeight"] == nil { item["InitialVariantWeight"] = .number(variant.weight) }
        return .object(item)
      })
    return .object(request)
  }
}
