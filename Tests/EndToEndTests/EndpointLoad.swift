import Client
import HostKit
import JSONKit
import Synchronization
import TestKit

/// Clients that ask an endpoint of mock workers again and again until they are told to stop. They ask anew only while
/// nobody listens: then the daemon is down, and nothing was sent.
final class EndpointLoad: Sendable {
  struct Tally: Sendable {
    /// Right answers by the digest of the model that gave them.
    var models: [String: Int] = [:]
    /// Right answers by the process that gave them.
    var workers: [Int64: Int] = [:]
    /// All other answers, in words.
    var faults: [String] = []
    /// Requests that were on their way when the daemon died.
    var interrupted = 0

    var answers: Int { models.values.reduce(0, +) }
  }

  private let tally = Mutex(Tally())
  private let isOver = Mutex(false)

  /// What has been counted so far.
  var sofar: Tally { tally.withLock { $0 } }

  /// Asks with so many clients while the body runs; answers what they counted.
  /// - Parameter words: orders to the mock worker that go with each request.
  static func run(
    _ daemon: DaemonFixture, endpoint: String, clients: Int, words: String? = nil,
    while body: (EndpointLoad) async throws -> Void
  ) async throws -> Tally {
    let load = EndpointLoad()
    let home = daemon.home
    let tasks = (0..<clients).map { _ in
      Task { try await offPool { load.work(DaemonClient(home: home), endpoint, words) } }
    }
    let result: Result<Void, any Error>
    do {
      try await load.answers(clients)
      result = .success(try await body(load))
    } catch { result = .failure(error) }
    load.isOver.withLock { $0 = true }
    for task in tasks { try await task.value }
    try result.get()
    return load.sofar
  }

  /// Waits for so many more right answers.
  func answers(_ count: Int) async throws {
    let goal = sofar.answers + count
    try await waitUntil("\(goal) answers under load") { sofar.answers >= goal }
  }

  private func work(_ client: DaemonClient, _ endpoint: String, _ words: String?) {
    var invocation = Invocation(endpoint: endpoint, body: .bytes(Array("a question".utf8)))
    invocation.customAttributes = words.map { "mock:\($0)" }
    while !isOver.withLock({ $0 }) {
      do throws(ClientError) {
        note(try client.invoke(invocation, timeoutSeconds: 40))
      } catch {
        switch error {
        case .unreachable: continue
        case .interrupted: tally.withLock { $0.interrupted += 1 }
        default: tally.withLock { $0.faults.append("\(error)") }
        }
      }
    }
  }

  private func note(_ response: Response) {
    // What is no JSON is a fault and told as such.
    let answer = try? response.json()
    tally.withLock { tally in
      guard response.status == 200, answer?["bytes"] == 10, let model = answer?["model_sha256"]?.string,
        let pid = answer?["pid"]?.integer
      else { return tally.faults.append("\(response.status) \(response.text)") }
      tally.models[model, default: 0] += 1
      tally.workers[pid, default: 0] += 1
    }
  }
}
