public import HostKit

/// SageMaker's status of an endpoint, as far as htr has them.
public enum EndpointStatus: String, Sendable, CaseIterable {
  case creating = "Creating"
  case updating = "Updating"
  case inService = "InService"
  case failed = "Failed"
  case deleting = "Deleting"
}

/// One set of workers of an endpoint: everything that is needed to start them, whatever becomes of the configuration and
/// the models that it was made from.
public struct Deployment: Sendable, Equatable {
  /// A production variant with what its workers run.
  public struct Variant: Sendable, Equatable {
    public var config: EndpointConfig.Variant
    public var containers: [Model.Container]

    public init(config: EndpointConfig.Variant, containers: [Model.Container]) {
      self.config = config
      self.containers = containers
    }

    public var name: String { config.name }
  }

  /// Counts the deployments of one endpoint, from 1. One whose capacity changes keeps its number.
  public let number: Int
  public var configName: String
  public var variants: [Variant]
  /// Nil: it answers at once only.
  public var asyncInference: AsyncInference?
  public let createdAt: Timestamp

  public init(
    number: Int, configName: String, variants: [Variant], asyncInference: AsyncInference? = nil, createdAt: Timestamp
  ) {
    self.number = number
    self.configName = configName
    self.variants = variants
    self.asyncInference = asyncInference
    self.createdAt = createdAt
  }
}

/// An endpoint: what was asked and what is. Only `Lifecycles` changes its status.
public struct Endpoint: Sendable, Equatable {
  /// Ordered by creation time.
  public let id: Int64
  public let name: String
  public let region: String
  public let account: String
  public let createdAt: Timestamp

  public var modifiedAt: Timestamp
  /// Grows with every change; watchers ask for "newer than".
  public var version: Int64 = 1
  public var status: EndpointStatus = .creating
  public var failureReason: String?
  /// What answers requests.
  public var deployed: Deployment?
  /// What is being brought up to take its place, or to be its new size.
  public var incoming: Deployment?
  /// The highest deployment number that was used.
  public var lastDeployment = 0

  public init(id: Int64, name: String, region: String, account: String, createdAt: Timestamp) {
    self.id = id
    self.name = name
    self.region = region
    self.account = account
    self.createdAt = createdAt
    modifiedAt = createdAt
  }

  public var arn: AmazonResourceName {
    AmazonResourceName(region: region, account: account, kind: .endpoint, name: name)
  }

  /// What is shown of it: what serves, else what is on its way.
  public var shown: Deployment? { deployed ?? incoming }
}
