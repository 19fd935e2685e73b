import HostKit
public import JSONKit
import Launching
import Lifecycles
import Persistence
import Resources
public import Wire

/// The endpoint actions of SageMaker's API, and htr's own additions to them.
public struct EndpointService: Sendable {
  let engine: EndpointEngine
  let supervisor: EndpointSupervisor
  let store: Store
  let home: Home
  let wakeBoard: WakeBoard
  let logWatch: LogWatch
  let workQueue: WorkQueue
  private let configs: EndpointConfigService
  private let account: String

  init(
    _ parts: DaemonParts, engine: EndpointEngine, supervisor: EndpointSupervisor, configs: EndpointConfigService
  ) {
    self.engine = engine
    self.supervisor = supervisor
    self.configs = configs
    store = parts.store
    home = parts.home
    wakeBoard = parts.wakeBoard
    logWatch = parts.logWatch
    workQueue = parts.workQueue
    account = parts.account
  }

  public func create(_ request: CreateEndpointRequest, region: String) async throws(ServiceError) -> JSON {
    let config = try await configs.config(named: request.configName, region: region)
    let variants = try await configs.variants(of: config, region: region)
    let now = Timestamp.now()
    let endpoint = Endpoint(
      id: store.nextID(at: now), name: request.name, region: region, account: account, createdAt: now)
    do {
      try await engine.submit(
        endpoint, configName: config.name, variants: variants, asyncInference: config.asyncInference,
        tags: request.tags)
    } catch  where error.code == .nameTaken {
      throw .alreadyExists(endpoint.arn)
    } catch { throw ServiceError(error) }
    return ["EndpointArn": .string(endpoint.arn.description)]
  }

  public func describe(_ request: EndpointNameRequest, region: String) async throws(ServiceError) -> JSON {
    await describe(try await endpoint(named: request.name, region: region))
  }

  func describe(_ endpoint: Endpoint) async -> JSON {
    let number = endpoint.shown?.number ?? 0
    return endpoint.describeJSON(
      currentCounts: await supervisor.readyCounts(of: endpoint.name, deployment: number))
  }

  public func list(_ request: ListEndpointsRequest) async throws(ServiceError) -> JSON {
    guard !request.matchesNothing else { return request.answer([]) }
    do {
      return request.answer(
        try await store.endpoints(matching: ResourceQuery(request, status: request.status?.rawValue)))
    } catch { throw ServiceError(error) }
  }

  /// New workers by the new configuration; they take over when all are healthy.
  public func update(_ request: UpdateEndpointRequest, region: String) async throws(ServiceError) -> JSON {
    let config = try await configs.config(named: request.configName, region: region)
    let variants = try await configs.variants(of: config, region: region)
    return try await change(request.name, region: region) { endpoint in
      try endpoint.checkMayChange()
      let kept =
        request.retainsVariantProperties
        ? variants.map { $0.keeping(request.excludedProperties, of: endpoint.deployed) } : variants
      return .updateRequested(
        configName: config.name, variants: try kept.withSomeWeight, asyncInference: config.asyncInference)
    }
  }

  /// More or fewer of the same workers, other shares.
  public func update(
    _ request: UpdateEndpointWeightsAndCapacitiesRequest, region: String
  ) async throws(ServiceError) -> JSON {
    try await change(request.name, region: region) { endpoint in
      try endpoint.checkMayChange()
      var variants = endpoint.deployed?.variants ?? []
      for change in request.changes {
        guard let index = variants.firstIndex(where: { $0.name == change.variant }) else {
          throw ServiceError.unknownVariant(change.variant, of: endpoint.arn, known: variants.map(\.name))
        }
        if let weight = change.weight { variants[index].config.weight = weight }
        if let count = change.instanceCount { variants[index].config.instanceCount = count }
      }
      return .capacityRequested(try variants.withSomeWeight)
    }
  }

  /// Succeeds in every status; an endpoint that is being deleted is deleted once.
  public func delete(_ request: EndpointNameRequest, region: String) async throws(ServiceError) {
    _ = try await change(request.name, region: region) { _ in .deleteRequested }
  }

  private func change(
    _ name: String, region: String, _ event: @escaping @Sendable (Endpoint) throws -> Endpoint.Event
  ) async throws(ServiceError) -> JSON {
    let current = try await endpoint(named: name, region: region)
    do {
      guard try await engine.apply(to: name, event) != nil else { throw ServiceError.couldNotFind(current.arn) }
      return ["EndpointArn": .string(current.arn.description)]
    } catch let error as ServiceError {
      throw error
    } catch let error as StoreError {
      throw ServiceError(error)
    } catch { throw ServiceError(.internalFailure, "\(error)") }
  }

  /// The endpoint, or the error that clients and waiters know.
  func endpoint(named name: String, region: String) async throws(ServiceError) -> Endpoint {
    if let endpoint = await engine.endpoint(named: name) { return endpoint }
    throw .couldNotFind(AmazonResourceName(region: region, account: account, kind: .endpoint, name: name))
  }
}

extension Endpoint {
  /// One change after the other; only deletion is taken at any time.
  fileprivate func checkMayChange() throws {
    switch status {
    case .inService: return
    case .creating, .updating: throw ServiceError.updateInProgress(arn)
    case .failed, .deleting: throw ServiceError.cannotUpdate(arn, in: status)
    }
  }
}

extension [Deployment.Variant] {
  /// The variants, unless no request could go to any of them.
  fileprivate var withSomeWeight: Self {
    get throws {
      if contains(where: { $0.config.weight > 0 }) { return self }
      throw ServiceError.validation("At least one variant must have a weight above 0.")
    }
  }
}

extension Deployment.Variant {
  /// The variant with the present weight and count of its namesake, except for what is excluded.
  fileprivate func keeping(
    _ excluded: Set<UpdateEndpointRequest.VariantProperty>, of deployed: Deployment?
  ) -> Deployment.Variant {
    guard let present = deployed?.variants.first(where: { $0.name == name })?.config else { return self }
    var kept = self
    if !excluded.contains(.weight) { kept.config.weight = present.weight }
    if !excluded.contains(.instanceCount) { kept.config.instanceCount = present.instanceCount }
    return kept
  }
}
