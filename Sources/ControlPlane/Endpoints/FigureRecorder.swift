import HostKit
import Logging
import Persistence
import Resources
import Serving

/// Brings the data plane's figures into the store, minute by minute, for whoever looks at them later.
struct FigureRecorder: Sendable {
  private static let seconds = 60.0

  let router: InvocationRouter
  let engine: EndpointEngine
  let store: Store
  let logger: Logger

  /// Records until the task is cancelled; what the last minute had then is lost with the daemon, as its counters are.
  func run() async {
    var before: [String: VariantFigures] = [:]
    while true {
      // Cancelled means that the daemon ends.
      do { try await Task.sleep(for: .seconds(Self.seconds)) } catch { return }
      var present: [String: VariantFigures] = [:]
      for figures in router.figures() {
        let key = "\(figures.endpoint)/\(figures.variant)"
        present[key] = figures
        await record(figures, since: before[key])
      }
      before = present
    }
  }

  private func record(_ now: VariantFigures, since before: VariantFigures?) async {
    // An endpoint that was deleted and made again counts from 0 again.
    let before = before.flatMap { $0.requests <= now.requests ? $0 : nil } ?? VariantFigures()
    guard now.requests > before.requests, let endpoint = await engine.endpoint(named: now.endpoint) else { return }
    func errors(_ kinds: [VariantFigures.ErrorKind], _ figures: VariantFigures) -> Int {
      kinds.reduce(0) { $0 + (figures.errors[$1] ?? 0) }
    }
    let own: [VariantFigures.ErrorKind] = [.client, .modelClient]
    let others = VariantFigures.ErrorKind.allCases.filter { !own.contains($0) && $0 != .disconnected }
    // CloudWatch's names and units: latencies in microseconds, here as sums beside their counts.
    let values: [(String, Double)] = [
      ("Invocations", Double(now.requests - before.requests)),
      ("Invocation4XXErrors", Double(errors(own, now) - errors(own, before))),
      ("Invocation5XXErrors", Double(errors(others, now) - errors(others, before))),
      ("ModelLatencySum", (now.compute.sum - before.compute.sum) * 1e6),
      ("ModelLatencyCount", Double(now.compute.count - before.compute.count)),
      ("OverheadLatencySum", max(0, now.total.sum - now.compute.sum - before.total.sum + before.compute.sum) * 1e6),
      ("OverheadLatencyCount", Double(now.total.count - before.total.count)),
      ("Retries", Double(now.retries - before.retries)),
    ]
    let minute = Timestamp.now()
    do {
      try await store.add(
        values.map { EndpointFigure(variant: now.variant, name: $0.0, minute: minute, value: $0.1) },
        ofEndpoint: endpoint.id)
    } catch {
      logger.warning("a minute's figures are lost", metadata: ["endpoint": "\(now.endpoint)", "error": "\(error)"])
    }
  }
}
