import HostKit
public import JSONKit
public import Resources

extension Endpoint {
  /// The DescribeEndpoint answer (wire contract 4.5). `currentCounts` are the healthy workers of what is deployed, by
  /// variant.
  ///
  /// As in SageMaker, ProductionVariants are what answers requests: there are none until the first deployment is ready.
  /// What is on its way under a number of its own is the pending deployment.
  public func describeJSON(currentCounts: [String: Int]) -> JSON {
    .members([
      "EndpointName": .string(name), "EndpointArn": .string(arn.description),
      "EndpointConfigName": shown.map { .string($0.configName) },
      "ProductionVariants": deployed.map { deployed in
        .array(
          deployed.variants.map { $0.describeJSON(of: deployed, desired: desired($0), running: currentCounts[$0.name]) }
        )
      },
      "EndpointStatus": .string(status.rawValue), "FailureReason": failureReason.map { .string($0) },
      "CreationTime": .number(createdAt.seconds), "LastModifiedTime": .number(modifiedAt.seconds),
      "AsyncInferenceConfig": shown?.asyncInference?.request,
      "PendingDeploymentSummary": pending?.pendingJSON,
    ])
  }

  /// One row of ListEndpoints.
  public var summaryJSON: JSON {
    [
      "EndpointName": .string(name), "EndpointArn": .string(arn.description),
      "CreationTime": .number(createdAt.seconds), "LastModifiedTime": .number(modifiedAt.seconds),
      "EndpointStatus": .string(status.rawValue),
    ]
  }

  /// What a deployed variant shall become: an incoming deployment of the same number is a new size of it.
  private func desired(_ variant: Deployment.Variant) -> EndpointConfig.Variant {
    guard let incoming, incoming.number == deployed?.number else { return variant.config }
    return incoming.variants.first { $0.name == variant.name }?.config ?? variant.config
  }

  private var pending: Deployment? {
    guard status == .creating || status == .updating, let incoming, incoming.number != deployed?.number
    else { return nil }
    return incoming
  }
}

extension Deployment {
  fileprivate var pendingJSON: JSON {
    [
      "EndpointConfigName": .string(configName), "StartTime": .number(createdAt.seconds),
      "ProductionVariants": .array(
        variants.map { variant in
          [
            "VariantName": .string(variant.name), "DeployedImages": variant.images(of: self),
            "DesiredWeight": .number(variant.config.weight),
            "DesiredInstanceCount": .integer(Int64(variant.config.instanceCount)),
            "InstanceType": .string(variant.config.instanceType),
          ]
        }),
    ]
  }
}

extension Deployment.Variant {
  fileprivate func describeJSON(of deployment: Deployment, desired: EndpointConfig.Variant, running: Int?) -> JSON {
    [
      "VariantName": .string(name), "DeployedImages": images(of: deployment),
      "CurrentWeight": .number(config.weight), "DesiredWeight": .number(desired.weight),
      "CurrentInstanceCount": .integer(Int64(running ?? 0)),
      "DesiredInstanceCount": .integer(Int64(desired.instanceCount)),
    ]
  }

  /// Images are names of local runtimes: what was specified is what runs.
  fileprivate func images(of deployment: Deployment) -> JSON {
    .array(
      containers.map {
        [
          "SpecifiedImage": .string($0.image), "ResolvedImage": .string($0.image),
          "ResolutionTime": .number(deployment.createdAt.seconds),
        ]
      })
  }
}
