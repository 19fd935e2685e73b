import HostKit
public import JSONKit
import Launching
import Persistence
import Resources
public import Wire

/// Watching: answered by the event itself, never by looking again and again.
extension EndpointService {
  /// The record as soon as it is newer than the given version, or as it is when the time is over.
  public func watch(
    _ name: String, region: String, newerThan version: Int64?, seconds: Double
  ) async throws(ServiceError) -> JSON {
    let changes = wakeBoard.changes(of: [EndpointEngine.topic(name)])
    if let version {
      _ = try await wakeBoard.isTrue(within: seconds, lookingAgainAt: changes) { [self] in
        try await endpoint(named: name, region: region).version > version
      }
    }
    return await report(on: try await endpoint(named: name, region: region))
  }

  public func events(_ name: String, region: String) async throws(ServiceError) -> JSON {
    let endpoint = try await endpoint(named: name, region: region)
    do { return .events(try await store.events(ofEndpoint: endpoint)) } catch { throw ServiceError(error) }
  }

  /// The log of one worker's place, or of the first: those of the deployment that is shown come first.
  public func log(
    _ name: String, region: String, variant: String?, instance: String?, from offset: UInt64, follows: Bool
  ) async throws(ServiceError) -> ResourceLog {
    let topic = EndpointEngine.topic(name)
    let subscription = wakeBoard.subscribe(to: [topic])
    let endpoint = try await endpoint(named: name, region: region)
    let path = try logPath(endpoint, variant: variant, instance: instance)
    guard Files.exists(Files.parent(of: path)) else { return ResourceLog(follower: nil, subscription: subscription) }
    let follower = logWatch.follow(path: path, from: offset)
    guard follows else {
      follower.end()
      return ResourceLog(follower: follower, subscription: subscription)
    }
    workQueue.add { [engine] in
      await ResourceLog.end(follower, at: subscription) { await engine.endpoint(named: name) == nil }
    }
    return ResourceLog(follower: follower, subscription: subscription)
  }

  /// Logs outlive their workers; they are told apart by variant and instance.
  private func logPath(_ endpoint: Endpoint, variant: String?, instance: String?) throws(ServiceError) -> String {
    let number = endpoint.incoming?.number ?? endpoint.deployed?.number ?? 1
    guard let variant = variant ?? endpoint.shown?.variants.first?.name,
      endpoint.shown?.variants.contains(where: { $0.name == variant }) == true
    else {
      throw .unknownVariant(variant ?? "", of: endpoint.arn, known: endpoint.shown?.variants.map(\.name) ?? [])
    }
    let place = WorkerPlace(endpoint: endpoint.name, deployment: number, variant: variant, index: 1)
    guard let instance else { return home.workerLog(place) }
    guard let asked = WorkerPlace(instance: instance, endpoint: endpoint.name, variant: variant) else {
      throw .validation(
        "'\(instance.prefix(100))' is no instance of an endpoint: they are named like \(place.instance).")
    }
    return home.workerLog(asked)
  }

  /// What SageMaker's answer has no member for stands beside it, under "Htr".
  private func report(on endpoint: Endpoint) async -> JSON {
    let workers = await supervisor.reports(of: endpoint.name)
    let waiting = WaitingFor(endpoint, workers)
    return [
      "Version": .integer(endpoint.version), "Endpoint": await describe(endpoint),
      "Htr": .members([
        "WaitingFor": waiting.text.map { .string($0) }, "Advice": waiting.advice.map { .string($0) },
        "Workers": .array(workers.map { $0.json(logPath: home.workerLog($0.place)) }),
      ]),
    ]
  }
}

/// What an endpoint is waiting for, in words for people.
private struct WaitingFor {
  var text: String?
  var advice: String?

  init(_ endpoint: Endpoint, _ workers: [WorkerReport]) {
    switch endpoint.status {
    case .inService: return
    case .failed:
      advice = "Read the log with `htrctl logs endpoint \(endpoint.name)`, then delete the endpoint and deploy again."
    case .deleting: text = workers.isEmpty ? "its folder to be removed" : "\(workers.count) workers to end"
    case .creating, .updating:
      guard let incoming = endpoint.incoming else { return }
      let open = workers.filter { $0.place.deployment == incoming.number && $0.ready == nil }
      guard let first = open.first else { return }
      let seconds = Int(max(0, Timestamp.now().seconds - first.startedAt.seconds))
      text =
        "worker \(first.place.instance) of \(first.place.variant): "
        + (first.state == .restarting ? "restarting" : "no healthy answer to /ping yet, \(seconds) s")
        + (open.count > 1 ? " (and \(open.count - 1) more)" : "")
      if let end = first.lastEnd { advice = "The last worker there: \(end)" }
    }
  }
}
