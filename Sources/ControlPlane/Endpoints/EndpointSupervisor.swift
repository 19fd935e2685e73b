import HostKit
import Lifecycles
import Logging
import Resources
import Serving
import Synchronization
import WorkerContract

/// Looks after the workers of all endpoints: as many in each variant as its deployment says, requests to those that are
/// healthy, and word to the engine when a deployment is ready or cannot be.
actor EndpointSupervisor: EndpointEngine.Workers {
  private struct Key: Hashable {
    let endpoint: String
    let deployment: Int
  }

  /// The workers of one deployment.
  private struct Fleet {
    /// What the workers are to be.
    var target: Deployment
    /// What requests are answered by: the shares in it are in force. Nil for a deployment that answers none.
    var published: Deployment?
    var isRetired = false
    var members: [WorkerPlace: Member] = [:]
  }

  private struct Member {
    let keeper: WorkerKeeper
    var report: WorkerReport
    var isRetiring = false

    /// The worker that may get requests.
    var ready: ReadyWorker? { isRetiring ? nil : report.ready }
  }

  private let engine: EndpointEngine
  private let context: WorkerContext
  private let leftovers: EndpointLeftovers
  private let catalog: ServingCatalog
  private let workQueue: WorkQueue
  private var fleets: [Key: Fleet] = [:]
  private var endpoints: [String: Endpoint] = [:]
  /// Endpoints that go when their last worker has ended.
  private var leaving: Set<String> = []
  /// Samples of what workers use, by their token.
  private var usage: [String: ShimNotice.Usage] = [:]

  init(_ parts: DaemonParts, engine: EndpointEngine, context: WorkerContext) {
    self.engine = engine
    self.context = context
    leftovers = EndpointLeftovers(home: parts.home, launcher: context.launcher, threads: parts.quickThreads)
    catalog = ServingCatalog(settings: parts.settings)
    workQueue = parts.workQueue
  }

  // MARK: What the engine asks

  func perform(_ effects: [Endpoint.Effect], on endpoint: Endpoint) {
    endpoints[endpoint.name] = endpoint
    for effect in effects {
      switch effect {
      case .apply(let deployment): apply(deployment, of: endpoint.name)
      case .publish(let deployment): publish(deployment, of: endpoint.name)
      case .withdraw: withdraw(endpoint.name)
      case .retire(let number): retire(Key(endpoint: endpoint.name, deployment: number))
      case .remove: remove(endpoint.name)
      }
    }
  }

  private func apply(_ deployment: Deployment, of endpoint: String) {
    let key = Key(endpoint: endpoint, deployment: deployment.number)
    fleets[key, default: Fleet(target: deployment)].target = deployment
    let wanted = places(of: deployment, endpoint)
    for place in fleets[key]?.members.keys.filter({ wanted[$0] == nil }) ?? [] { retire(place, key) }
    for (place, variant) in wanted where fleets[key]?.members[place] == nil { hire(place, variant, key) }
    settle(key)
  }

  private func places(of deployment: Deployment, _ endpoint: String) -> [WorkerPlace: Deployment.Variant] {
    var places: [WorkerPlace: Deployment.Variant] = [:]
    for variant in deployment.variants where variant.config.instanceCount > 0 {
      for index in 1...variant.config.instanceCount {
        let place = WorkerPlace(
          endpoint: endpoint, deployment: deployment.number, variant: variant.name, index: index)
        places[place] = variant
      }
    }
    return places
  }

  private func hire(_ place: WorkerPlace, _ variant: Deployment.Variant, _ key: Key) {
    let keeper = WorkerKeeper(place, of: variant, context) { [weak self] report in await self?.take(report, key) }
    fleets[key]?.members[place] = Member(keeper: keeper, report: WorkerReport(place))
    workQueue.add {
      await keeper.run()
      // A daemon that ends leaves its workers running.
      if !Task.isCancelled { await self.dismiss(place, key) }
    }
  }

  private func publish(_ deployment: Deployment, of endpoint: String) {
    for key in fleets.keys where key.endpoint == endpoint {
      fleets[key]?.published = key.deployment == deployment.number ? deployment : nil
    }
    route(endpoint)
  }

  private func withdraw(_ endpoint: String) {
    for key in fleets.keys where key.endpoint == endpoint { fleets[key]?.published = nil }
    context.router.withdraw(endpoint)
  }

  private func retire(_ key: Key) {
    guard fleets[key] != nil else {
      // Of an earlier daemon: nobody here looks after them.
      return workQueue.add { [leftovers] in await leftovers.end(deployment: key.deployment, of: key.endpoint) }
    }
    fleets[key]?.isRetired = true
    for place in fleets[key]?.members.keys.map({ $0 }) ?? [] { retire(place, key) }
    dissolveIfEmpty(key)
  }

  /// From here on the place's worker gets no request.
  private func retire(_ place: WorkerPlace, _ key: Key) {
    fleets[key]?.members[place]?.isRetiring = true
    if fleets[key]?.published != nil { route(key.endpoint) }
    fleets[key]?.members[place]?.keeper.retire()
  }

  private func remove(_ endpoint: String) {
    leaving.insert(endpoint)
    for key in fleets.keys where key.endpoint == endpoint { retire(key) }
    leaveIfAlone(endpoint)
  }

  // MARK: What the keepers tell

  private func take(_ report: WorkerReport, _ key: Key) {
    guard fleets[key]?.members[report.place] != nil else { return }
    let former = fleets[key]?.members[report.place]?.report.token
    if let former, former != report.token { usage[former] = nil }
    fleets[key]?.members[report.place]?.report = report
    if fleets[key]?.published != nil { route(key.endpoint) }
    settle(key)
  }

  private func dismiss(_ place: WorkerPlace, _ key: Key) {
    if let token = fleets[key]?.members[place]?.report.token { usage[token] = nil }
    fleets[key]?.members[place] = nil
    guard fleets[key]?.isRetired == true else {
      // A smaller size that was asked for and taken back meanwhile.
      return (fleets[key]?.target).map { apply($0, of: key.endpoint) } ?? ()
    }
    dissolveIfEmpty(key)
  }

  private func dissolveIfEmpty(_ key: Key) {
    guard let fleet = fleets[key], fleet.isRetired, fleet.members.isEmpty else { return }
    fleets[key] = nil
    if leaving.contains(key.endpoint) {
      leaveIfAlone(key.endpoint)
    } else {
      workQueue.add { [leftovers] in await leftovers.end(deployment: key.deployment, of: key.endpoint) }
    }
  }

  private func leaveIfAlone(_ endpoint: String) {
    guard leaving.contains(endpoint), !fleets.keys.contains(where: { $0.endpoint == endpoint }) else { return }
    leaving.remove(endpoint)
    endpoints[endpoint] = nil
    workQueue.add { [leftovers, engine] in
      await leftovers.end(endpoint: endpoint)
      if !Task.isCancelled { await engine.finishDeletion(of: endpoint) }
    }
  }

  /// Tells the engine what has become of a deployment. Repeating it is harmless: what is no news changes nothing.
  private func settle(_ key: Key) {
    guard let fleet = fleets[key], !fleet.isRetired else { return }
    let target = fleet.target
    let wanted = places(of: target, key.endpoint)
    let members = wanted.keys.compactMap { fleet.members[$0] }
    if members.count == wanted.count, members.allSatisfy({ $0.ready != nil }) {
      return tell(.deploymentReady(target), of: key.endpoint)
    }
    guard let hopeless = members.first(where: \.report.isHopeless)?.report else { return }
    let reason = Self.reason(hopeless)
    if fleet.published != target { return tell(.deploymentFailed(target, reason: reason), of: key.endpoint) }
    let variant = members.filter { $0.report.place.variant == hopeless.place.variant }
    if variant.allSatisfy({ $0.ready == nil }) { tell(.workersFailed(target, reason: reason), of: key.endpoint) }
  }

  private func tell(_ event: Endpoint.Event, of endpoint: String) {
    workQueue.add { [engine] in await engine.happen(event, to: endpoint) }
  }

  /// The first words are SageMaker's own; the worker's last words follow.
  private static func reason(_ report: WorkerReport) -> String {
    let variant = report.place.variant
    let end = report.lastEnd ?? ""
    if report.isRefused { return "Production variant \(variant) cannot be served: \(end)" }
    let health =
      report.readySeconds == nil
      ? "The primary container for production variant \(variant) did not pass the ping health check."
      : "The workers of production variant \(variant) end again and again."
    return "\(health) \(end) See `htrctl logs endpoint \(report.place.endpoint)`."
  }

  /// Gives the router the present picture.
  private func route(_ endpoint: String) {
    guard let record = endpoints[endpoint],
      let fleet = fleets.first(where: { $0.key.endpoint == endpoint && $0.value.published != nil })?.value,
      let deployment = fleet.published
    else { return }
    let variants = deployment.variants.map { variant -> EndpointRoute.Variant in
      let ready = fleet.members.values.filter { $0.report.place.variant == variant.name }.compactMap(\.ready)
      let environment = variant.containers[0].environment
      // A model is only taken when its images have runtimes; one whose rule is gone since serves one at a time.
      let most = (try? catalog.runtime(of: variant.containers[0].image))?.requestsPerWorker(environment) ?? 1
      return EndpointRoute.Variant(
        name: variant.name, weight: variant.config.weight, requestsPerWorker: most,
        timeoutSeconds: Self.timeout(environment), workers: ready.sorted { $0.token < $1.token })
    }
    context.router.publish(
      EndpointRoute(endpoint: endpoint, account: record.account, region: record.region, variants: variants))
  }

  /// SageMaker gives a request 60 s; a container's own setting may make that shorter or, here, longer.
  private static func timeout(_ environment: [String: String]) -> Double {
    let asked = environment["SAGEMAKER_MODEL_SERVER_TIMEOUT"].flatMap { Double($0) }
    guard let asked, (0.1...86_400).contains(asked) else { return 60 }
    return asked
  }

  // MARK: What others tell and ask

  /// Told apart from the tokens of training jobs.
  static func isToken(_ token: String) -> Bool { token.hasPrefix(WorkerPreparation.tokenPrefix) }

  func heard(of token: String, _ trouble: WorkerTrouble) {
    guard trouble == .timedOut else { return }
    for fleet in fleets.values {
      for member in fleet.members.values where member.report.token == token { member.keeper.heardOfTimeout() }
    }
  }

  func heard(_ notice: ShimNotice) {
    if case .usage(let sample) = notice.event { usage[notice.token] = sample }
  }

  /// Ends what is left of an endpoint that has no record any more.
  func endLeftovers(of endpoint: String) async {
    if endpoints[endpoint] == nil { await leftovers.end(endpoint: endpoint) }
  }

  /// Workers of a deployment that get requests, by variant.
  func readyCounts(of endpoint: String, deployment: Int) -> [String: Int] {
    let members = fleets[Key(endpoint: endpoint, deployment: deployment)]?.members.values ?? [:].values
    return Dictionary(grouping: members.filter { $0.ready != nil }, by: \.report.place.variant).mapValues(\.count)
  }

  /// The present workers of an endpoint, in a fixed order.
  func reports(of endpoint: String) -> [WorkerReport] {
    fleets.filter { $0.key.endpoint == endpoint }.values.flatMap { $0.members.values.map(\.report) }.sorted {
      ($0.place.deployment, $0.place.variant, $0.place.index) < ($1.place.deployment, $1.place.variant, $1.place.index)
    }
  }

  /// All workers, with the last sample of what each uses.
  func allWorkers() -> [(report: WorkerReport, usage: ShimNotice.Usage?)] {
    fleets.values.flatMap(\.members.values).map { ($0.report, $0.report.token.flatMap { usage[$0] }) }
  }
}
