import HostKit
import Lifecycles
import Logging
import Persistence
import Resources

/// Holds every endpoint, decides by the pure lifecycle, records, and only then acts.
actor EndpointEngine {
  /// What the engine has done for it: the workers of deployments. Called in the order of the commits.
  protocol Workers: Sendable {
    func perform(_ effects: [Endpoint.Effect], on endpoint: Endpoint) async
  }

  private let store: Store
  private let wakeBoard: WakeBoard
  private let workQueue: WorkQueue
  private let logger: Logger
  private var workers: (any Workers)?
  private var endpoints: [String: Endpoint] = [:]
  /// One event of an endpoint at a time.
  private let turns = Turns()

  init(_ parts: DaemonParts) {
    store = parts.store
    wakeBoard = parts.wakeBoard
    workQueue = parts.workQueue
    logger = parts.logger
  }

  /// What waits for changes of an endpoint waits for this name.
  static func topic(_ name: String) -> String { "endpoint/\(name)" }

  /// Takes up every endpoint on record where it stands.
  func resume(_ endpoints: [Endpoint], workers: any Workers) async {
    self.workers = workers
    for endpoint in endpoints {
      self.endpoints[endpoint.name] = endpoint
      await workers.perform(endpoint.effectsOfResuming, on: endpoint)
    }
  }

  // MARK: Reading

  func endpoint(named name: String) -> Endpoint? { endpoints[name] }

  // MARK: Changing

  /// Records a new endpoint; durable when this returns.
  func submit(
    _ newEndpoint: Endpoint, configName: String, variants: [Deployment.Variant], asyncInference: AsyncInference?,
    tags: [Tag]
  ) async throws(StoreError) {
    await turns.enter(newEndpoint.name)
    defer { turns.leave(newEndpoint.name) }
    var endpoint = newEndpoint
    let effects = endpoint.begin(configName: configName, variants: variants, asyncInference: asyncInference)
    try await store.insert(
      endpoint, tags: tags, events: [EventRecord(at: endpoint.createdAt, kind: "created", detail: configName)])
    Failpoint.afterEndpointCommitted.hit()
    endpoints[endpoint.name] = endpoint
    wakeBoard.announce(Self.topic(endpoint.name))
    await workers?.perform(effects, on: endpoint)
  }

  /// Applies what a user asked for: throws when it cannot be recorded, and nil when the endpoint is not there. The event
  /// is made in the endpoint's turn, so that it fits what the endpoint is then.
  func apply(
    to name: String, _ event: @Sendable (Endpoint) throws -> Endpoint.Event
  ) async throws -> Endpoint? {
    await turns.enter(name)
    defer { turns.leave(name) }
    guard var endpoint = endpoints[name] else { return nil }
    let event = try event(endpoint)
    let before = endpoint
    let effects = try endpoint.apply(event, at: .now())
    guard endpoint != before else { return endpoint }
    endpoint.version += 1
    try await store.update(endpoint, event: EventRecord(at: .now(), kind: event.kind, detail: event.detail))
    endpoints[name] = endpoint
    if before.status != endpoint.status {
      logger.info("status changed", metadata: ["endpoint": "\(name)", "status": "\(endpoint.status.rawValue)"])
    }
    wakeBoard.announce(Self.topic(name))
    await workers?.perform(effects, on: endpoint)
    return endpoint
  }

  /// Applies what has happened, however long the store needs: a fact is never dropped because the disk is full.
  func happen(_ event: Endpoint.Event, to name: String) async {
    while true {
      do {
        _ = try await apply(to: name) { _ in event }
        return
      } catch let error as Endpoint.IllegalTransition {
        return logger.error(
          "illegal transition",
          metadata: ["endpoint": "\(name)", "event": "\(event.kind)", "status": "\(error.status.rawValue)"])
      } catch {
        // Cancelled means that the daemon ends: the next one finds out again.
        if Task.isCancelled { return }
        logger.error(
          "cannot record an event; trying again",
          metadata: ["endpoint": "\(name)", "event": "\(event.kind)", "error": "\(error)"])
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
  }

  /// The last worker of a deleted endpoint has ended: its record goes too.
  func finishDeletion(of name: String) async {
    await turns.enter(name)
    defer { turns.leave(name) }
    guard let endpoint = endpoints[name], endpoint.status == .deleting else { return }
    while true {
      do {
        try await store.delete(endpoint)
        break
      } catch {
        // Cancelled means that the daemon ends: the next one removes it.
        if Task.isCancelled { return }
        logger.error("cannot remove an endpoint; trying again", metadata: ["endpoint": "\(name)", "error": "\(error)"])
        do { try await Task.sleep(for: .seconds(1)) } catch { return }
      }
    }
    endpoints[name] = nil
    logger.info("deleted", metadata: ["endpoint": "\(name)"])
    wakeBoard.announce(Self.topic(name))
  }
}

extension Endpoint.Event {
  /// The name under which the event is recorded.
  var kind: String {
    switch self {
    case .updateRequested: "updateRequested"
    case .capacityRequested: "capacityRequested"
    case .deploymentReady: "deploymentReady"
    case .deploymentFailed: "deploymentFailed"
    case .workersFailed: "workersFailed"
    case .deleteRequested: "deleteRequested"
    }
  }

  var detail: String {
    switch self {
    case .updateRequested(let configName, _, _): configName
    case .capacityRequested(let variants):
      variants.map { "\($0.name): \($0.config.instanceCount) x, weight \($0.config.weight)" }.joined(separator: "; ")
    case .deploymentReady(let deployment): "deployment \(deployment.number)"
    case .deploymentFailed(let deployment, let reason), .workersFailed(let deployment, let reason):
      "deployment \(deployment.number): \(reason)"
    case .deleteRequested: ""
    }
  }
}
