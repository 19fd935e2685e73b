import JSONKit
public import Resources

extension EndpointConfig.Variant {
  /// More workers than this of one variant are a slip of the finger: each is a process of this one machine.
  public static let maximumInstanceCount = 256
  /// Weights are single-precision numbers in SageMaker; sums of them stay finite here.
  public static let maximumWeight = Double(Float.greatestFiniteMagnitude)
}

extension ShapeReader {
  /// One ProductionVariant with its defaults. Time-outs and sizes of what htr has nothing of are checked and echoed
  /// only.
  mutating func variant(_ json: JSON, at path: String) -> EndpointConfig.Variant {
    typealias Variant = EndpointConfig.Variant
    refuse(json, Refused.variant, at: "ProductionVariants.")
    checkRouting(json, at: "\(path).routingConfig")
    _ = integer(json, "VolumeSizeInGB", at: "\(path).volumeSizeInGB", in: 1...512)
    _ = integer(
      json, "ModelDataDownloadTimeoutInSeconds", at: "\(path).modelDataDownloadTimeoutInSeconds", in: 60...3600)
    _ = integer(
      json, "VariantInstanceProvisionTimeoutInSeconds", at: "\(path).variantInstanceProvisionTimeoutInSeconds",
      in: 300...3600)
    _ = flag(json, "EnableSSMAccess", at: "\(path).enableSSMAccess")
    let count = integer(
      json, "InitialInstanceCount", at: "\(path).initialInstanceCount", in: 1...Int64(Variant.maximumInstanceCount))
    let startup = integer(
      json, "ContainerStartupHealthCheckTimeoutInSeconds",
      at: "\(path).containerStartupHealthCheckTimeoutInSeconds", in: 60...3600)
    return Variant(
      name: resourceName(json, "VariantName", at: "\(path).variantName"),
      modelName: modelName(json, at: "\(path).modelName"),
      instanceType: string(
        json, "InstanceType", at: "\(path).instanceType", length: 1...64, rule: .singleLine) ?? "local",
      instanceCount: Int(count ?? 1),
      weight: number(
        json, "InitialVariantWeight", at: "\(path).initialVariantWeight", in: 0...Variant.maximumWeight) ?? 1,
      startupSeconds: Double(startup ?? 600))
  }

  /// A variant without a model would be filled with inference components, which htr does not have.
  private mutating func modelName(_ json: JSON, at path: String) -> String {
    let name = string(json, "ModelName", at: path, length: 1...63, rule: .modelName)
    if name == nil {
      fault("ProductionVariants without ModelName are not supported by htr: there are no inference components")
    }
    return name ?? ""
  }

  private mutating func checkRouting(_ json: JSON, at path: String) {
    let part = structure(json, "RoutingConfig", at: path)
    refuse(part, Refused.routing, at: "ProductionVariants.RoutingConfig.")
    let strategy = choice(
      part, "RoutingStrategy", at: "\(path).routingStrategy",
      of: ["LEAST_OUTSTANDING_REQUESTS", "RANDOM", "PREFIX_AWARE", "KV_AWARE"], required: part != nil)
    if let strategy, strategy != "LEAST_OUTSTANDING_REQUESTS" {
      fault(
        "ProductionVariants.RoutingConfig.RoutingStrategy \(strategy) is not supported by htr: requests go to the worker with the fewest in hand, LEAST_OUTSTANDING_REQUESTS"
      )
    }
  }
}
