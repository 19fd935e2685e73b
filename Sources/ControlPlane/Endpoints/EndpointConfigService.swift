import ArtifactStore
import HostKit
public import JSONKit
import Persistence
import Resources
public import Wire

/// The endpoint-configuration actions of SageMaker's API.
public struct EndpointConfigService: Sendable {
  private let store: Store
  private let models: ModelService
  private let machine: Machine
  private let account: String

  init(_ parts: DaemonParts, models: ModelService) {
    store = parts.store
    self.models = models
    machine = parts.machine
    account = parts.account
  }

  public func create(_ request: CreateEndpointConfigRequest, region: String) async throws(ServiceError) -> JSON {
    for variant in request.variants {
      _ = try machine.demand(of: variant.instanceType, at: "productionVariants.instanceType")
      _ = try await models.model(named: variant.modelName, region: region)
    }
    let now = Timestamp.now()
    let config = EndpointConfig(
      id: store.nextID(at: now), name: request.name, region: region, account: account, request: request.json,
      variants: request.variants, createdAt: now)
    try Self.check(config.asyncInference)
    do {
      try await store.insert(config, tags: request.tags)
    } catch  where error.code == .nameTaken {
      throw .alreadyExists(config.arn)
    } catch { throw ServiceError(error) }
    return ["EndpointConfigArn": .string(config.arn.description)]
  }

  /// Answers that nobody waits for must have somewhere to go.
  private static func check(_ settings: AsyncInference?) throws(ServiceError) {
    guard let settings else { return }
    for path in [settings.outputPath, settings.failurePath] where ObjectAddress(outputPath: path) == nil {
      throw .validation(
        "AsyncInferenceConfig names '\(path)', which is no s3://BUCKET/PREFIX: names of buckets have 3 to 63 lower-case letters, digits, dots and hyphens."
      )
    }
  }

  public func describe(_ request: EndpointConfigNameRequest, region: String) async throws(ServiceError) -> JSON {
    try await config(named: request.name, region: region).describeJSON
  }

  public func list(_ request: ListEndpointConfigsRequest) async throws(ServiceError) -> JSON {
    do { return request.answer(try await store.endpointConfigs(matching: ResourceQuery(request))) } catch {
      throw ServiceError(error)
    }
  }

  /// Succeeds also for one in use, as clients expect: endpoints keep what they were deployed with.
  public func delete(_ request: EndpointConfigNameRequest, region: String) async throws(ServiceError) {
    let config = try await config(named: request.name, region: region)
    do { _ = try await store.delete(config) } catch { throw ServiceError(error) }
  }

  func config(named name: String, region: String) async throws(ServiceError) -> EndpointConfig {
    do {
      if let config = try await store.endpointConfig(named: name) { return config }
    } catch { throw ServiceError(error) }
    throw .couldNotFind(AmazonResourceName(region: region, account: account, kind: .endpointConfig, name: name))
  }

  /// What the configuration asks for, with the models as they are now.
  func variants(of config: EndpointConfig, region: String) async throws(ServiceError) -> [Deployment.Variant] {
    var variants: [Deployment.Variant] = []
    for variant in config.variants {
      let model = try await models.model(named: variant.modelName, region: region)
      variants.append(Deployment.Variant(config: variant, containers: model.containers))
    }
    return variants
  }
}
