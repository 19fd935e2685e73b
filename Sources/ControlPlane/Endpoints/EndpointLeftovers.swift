import HostKit
import Launching
import Synchronization
import WorkerContract

/// Ends the workers that nobody looks after any more, and removes the folders of what is no more: an update or a deletion
/// that a crash interrupted, and everything else that an earlier daemon left.
struct EndpointLeftovers: Sendable {
  let home: Home
  let launcher: ShimLauncher
  let threads: BlockingThreads

  /// Ends everything of an endpoint and removes its folder.
  func end(endpoint: String) async {
    await end(home.endpoint(endpoint))
  }

  /// Ends what is left of one deployment; its logs stay with the endpoint.
  func end(deployment: Int, of endpoint: String) async {
    await end("\(home.endpoint(endpoint))/\(deployment)")
  }

  /// Ends the workers of a transform job; its logs stay.
  func end(workersOfTransformJob name: String) async {
    await end(Files.parent(of: Files.parent(of: home.attempts(at: TransformCrew.place(1, of: name)))))
  }

  private func end(_ folder: String) async {
    let attempts = attempts(below: folder, depth: 6)
    for attempt in attempts { await stop(attempt) }
    // What cannot be removed now goes at the next start, which looks for folders of nobody's.
    _ = try? await threads.run {
      for attempt in attempts { try WorkerProcess.discard(attempt) }
      try Files.remove(folder)
    }
  }

  /// The folders of attempts, told by their spec.
  private func attempts(below folder: String, depth: Int) -> [AttemptFolder] {
    let attempt = AttemptFolder(path: folder)
    if Files.exists(attempt.spec) { return [attempt] }
    guard depth > 0, (try? Files.status(folder))??.kind == .folder else { return [] }
    // A folder that cannot be listed has no worker that could be found.
    return ((try? Files.names(in: folder)) ?? []).flatMap { attempts(below: "\(folder)/\($0)", depth: depth - 1) }
  }

  /// Kills the attempt's worker through its shim, if one lives, and waits for its end.
  private func stop(_ attempt: AttemptFolder) async {
    guard !Files.exists(attempt.end), let spec = try? LaunchSpec.read(attempt.spec) else { return }
    let ended = Gate()
    let launcher = launcher
    // Without a living shim there is no living worker either: it dies with its shim.
    let isAlive = try? await threads.run {
      guard launcher.adopt(attempt, token: spec.token, onGone: { ended.open() }) else { return false }
      try launcher.stop(attempt, token: spec.token, order: StopOrder(orderedAt: .now(), graceSeconds: 1))
      return true
    }
    if isAlive == true { await ended.wait() }
  }
}
