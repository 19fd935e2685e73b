import HostKit
import Serving
import WorkerContract

/// Asks a worker `GET /ping`: often until it is healthy for the first time, now and then afterwards.
struct HealthWatch: Sendable {
  /// Bounds of the pause between two questions to a worker that starts: a tenth of the time that it has taken so far.
  private static let startPauses = 0.002...0.5
  /// Questions without an answer, one after the other, after which a worker counts as broken.
  private static let mostSilences = 3

  let processes: [WorkerProcess]
  let startupSeconds: Double
  let context: WorkerContext
  let tell: @Sendable (WorkerLife.News) -> Void

  /// Runs until the task is cancelled, or there is no point in asking any more.
  func run() async {
    let start = ContinuousClock.now
    var answer = PingAnswer.silent("nobody has answered yet")
    while true {
      let (sockets, last) = await askAll(seconds: context.pingSeconds)
      if let sockets {
        tell(.healthy(sockets))
        return await watch(sockets)
      }
      answer = last
      let seconds = (ContinuousClock.now - start).seconds
      guard seconds < startupSeconds else { break }
      let pause = min(max(seconds / 10, Self.startPauses.lowerBound), Self.startPauses.upperBound)
      // Cancelled means that the worker has ended, or the daemon does.
      do { try await Task.sleep(for: .seconds(pause)) } catch { return }
    }
    tell(
      .broken(
        "It did not pass the ping health check within \(Int(startupSeconds)) s: \(answer.words). Raise ContainerStartupHealthCheckTimeoutInSeconds if it needs longer.",
        isFinal: true))
  }

  /// Liveness. A worker that has requests in hand may be too busy to answer: those have a time-out of their own.
  private func watch(_ sockets: [WorkerSocket]) async {
    var silences = 0
    while true {
      // Cancelled means that the worker has ended, or the daemon does.
      do { try await Task.sleep(for: .seconds(context.livenessSeconds)) } catch { return }
      var answer = PingAnswer.healthy
      for socket in sockets where answer == .healthy {
        answer = await context.router.ping(socket, seconds: context.pingSeconds)
      }
      if Task.isCancelled { return }
      if answer == .healthy {
        silences = 0
      } else if await context.router.drained(processes[0].token, seconds: 0) {
        silences += 1
      }
      if silences >= Self.mostSilences {
        return tell(.broken("It failed \(silences) ping health checks in a row: \(answer.words).", isFinal: false))
      }
    }
  }

  /// The socket of each stage on which it is healthy; nil, and the last answer, when one is not.
  private func askAll(seconds: Double) async -> (sockets: [WorkerSocket]?, last: PingAnswer) {
    var sockets: [WorkerSocket] = []
    for process in processes {
      var last = PingAnswer.silent("it serves nowhere yet")
      for socket in process.sockets where last != .healthy {
        if case .unix(let path) = socket, !Files.exists(path) { continue }
        last = await context.router.ping(socket, seconds: seconds)
        if last == .healthy { sockets.append(socket) }
      }
      if last != .healthy { return (nil, last) }
    }
    return (sockets, .healthy)
  }
}

extension PingAnswer {
  fileprivate var words: String {
    switch self {
    case .healthy: "it is healthy"
    case .unhealthy(let status): "/ping answers with status \(status)"
    case .silent(let reason): "/ping is not answered (\(reason))"
    }
  }
}

extension Duration {
  fileprivate var seconds: Double { Double(components.seconds) + Double(components.attoseconds) * 1e-18 }
}
