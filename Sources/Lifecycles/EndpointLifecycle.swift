public import HostKit
public import Resources

extension Endpoint {
  /// Something that happened to an endpoint: the only way in which its record changes.
  public enum Event: Sendable, Equatable {
    /// UpdateEndpoint: other workers shall take over. The deployment gets its number here.
    case updateRequested(
      configName: String, variants: [Deployment.Variant], asyncInference: AsyncInference? = nil)
    /// UpdateEndpointWeightsAndCapacities: the same workers, more or fewer of them, other shares.
    case capacityRequested([Deployment.Variant])
    /// Every worker of the incoming deployment has answered its health check.
    case deploymentReady(Deployment)
    case deploymentFailed(Deployment, reason: String)
    /// What is deployed cannot serve any more: its workers end as soon as they are started.
    case workersFailed(Deployment, reason: String)
    case deleteRequested
  }

  /// What the control plane must do because of an event. Effects may be repeated.
  public enum Effect: Sendable, Equatable {
    /// Makes the workers what the deployment says: starts those that are missing, ends those that are too many.
    case apply(Deployment)
    /// From now on this deployment answers the requests.
    case publish(Deployment)
    /// Nobody answers requests any more.
    case withdraw
    /// Ends the workers of the deployment of this number, once what they have in hand is done.
    case retire(Int)
    /// Ends all workers; then the endpoint is gone.
    case remove
  }

  /// An event that makes no sense in the endpoint's present status.
  public struct IllegalTransition: Error, Equatable {
    public let status: EndpointStatus

    public init(status: EndpointStatus) { self.status = status }
  }

  /// The first deployment of a new endpoint.
  public mutating func begin(
    configName: String, variants: [Deployment.Variant], asyncInference: AsyncInference? = nil
  ) -> [Effect] {
    let first = nextDeployment(configName, variants, asyncInference, at: createdAt)
    status = .creating
    incoming = first
    return [.apply(first)]
  }

  /// Applies one event. Pure: the same endpoint, event and time always give the same answer. News of a deployment that
  /// is no longer the one in question changes nothing.
  public mutating func apply(_ event: Event, at now: Timestamp) throws(IllegalTransition) -> [Effect] {
    guard status != .deleting else { return [] }
    let effects: [Effect]
    switch event {
    case .updateRequested(let configName, let variants, let asyncInference):
      try requireInService()
      effects = update(to: nextDeployment(configName, variants, asyncInference, at: now))
    case .capacityRequested(let variants):
      try requireInService()
      guard var resized = deployed else { throw IllegalTransition(status: status) }
      resized.variants = variants
      effects = update(to: resized)
    case .deploymentReady(let deployment): effects = becomeReady(deployment)
    case .deploymentFailed(let deployment, let reason): effects = rollBack(deployment, reason)
    case .workersFailed(let deployment, let reason): effects = fail(deployment, reason)
    case .deleteRequested:
      status = .deleting
      effects = [.withdraw, .remove]
    }
    if !effects.isEmpty { modifiedAt = max(modifiedAt, now) }
    return effects
  }

  /// What a daemon that has just started must do to go on with this endpoint.
  public var effectsOfResuming: [Effect] {
    switch status {
    case .deleting: return [.remove]
    // What is left of the workers goes; the record stays until the user deletes it.
    case .failed: return [deployed, incoming].compactMap { $0.map { .retire($0.number) } }
    case .creating, .updating, .inService:
      // A new size of what is deployed is one set of workers, not two.
      let isResizing = deployed != nil && incoming?.number == deployed?.number
      let sets = [isResizing ? nil : deployed, incoming].compactMap { $0 }
      var effects: [Effect] = sets.map { .apply($0) }
      if let deployed { effects.append(.publish(deployed)) }
      return effects
    }
  }

  private func requireInService() throws(IllegalTransition) {
    guard status == .inService else { throw IllegalTransition(status: status) }
  }

  private mutating func nextDeployment(
    _ configName: String, _ variants: [Deployment.Variant], _ asyncInference: AsyncInference?, at now: Timestamp
  ) -> Deployment {
    lastDeployment += 1
    return Deployment(
      number: lastDeployment, configName: configName, variants: variants, asyncInference: asyncInference,
      createdAt: now)
  }

  private mutating func update(to deployment: Deployment) -> [Effect] {
    status = .updating
    failureReason = nil
    incoming = deployment
    return [.apply(deployment)]
  }

  private mutating func becomeReady(_ deployment: Deployment) -> [Effect] {
    guard incoming == deployment, status == .creating || status == .updating else { return [] }
    let former = deployed
    deployed = deployment
    incoming = nil
    status = .inService
    failureReason = nil
    var effects: [Effect] = [.publish(deployment)]
    if let former, former.number != deployment.number { effects.append(.retire(former.number)) }
    return effects
  }

  /// A first deployment that fails is the end; a later one leaves what was there before.
  private mutating func rollBack(_ deployment: Deployment, _ reason: String) -> [Effect] {
    guard incoming == deployment, status == .creating || status == .updating else { return [] }
    failureReason = String(reason.prefix(Self.longestReason))
    guard let deployed else {
      status = .failed
      return [.withdraw, .retire(deployment.number)]
    }
    incoming = nil
    status = .inService
    return deployed.number == deployment.number
      ? [.apply(deployed), .publish(deployed)] : [.retire(deployment.number)]
  }

  private mutating func fail(_ deployment: Deployment, _ reason: String) -> [Effect] {
    guard deployed?.number == deployment.number, status == .inService else { return [] }
    status = .failed
    failureReason = String(reason.prefix(Self.longestReason))
    return [.withdraw, .retire(deployment.number)]
  }

  /// Characters of a FailureReason on the wire.
  private static let longestReason = 1024
}
