public import Client
public import HostKit
import JSONKit

/// What a test does with the endpoints of its daemon.
extension DaemonFixture {
  /// A change of a record wakes a long poll, one of a worker does not: those are looked at again after this pause.
  private static let pause = Duration.milliseconds(10)

  // MARK: Records

  public func endpoint(_ name: String) async throws -> EndpointRecord {
    let client = client
    return try await offPool { try client.persistently { try client.endpoint(name) } }
  }

  /// Nil when there is none of this name.
  public func endpointIfAny(_ name: String) async throws -> EndpointRecord? {
    let client = client
    return try await offPool { try client.persistently { try client.endpointIfAny(name) } }
  }

  /// Waits, by long polls, until the endpoint's record fits.
  @discardableResult
  public func wait(
    forEndpoint name: String, _ what: String, within limit: Duration = .seconds(40),
    until fits: @escaping @Sendable (EndpointRecord) -> Bool
  ) async throws -> EndpointRecord {
    let client = client
    return try await offPool {
      let deadline = ContinuousClock.now + limit
      var record = try client.persistently { try client.endpoint(name) }
      while !fits(record) {
        guard ContinuousClock.now < deadline else {
          throw Overdue(what: "\(what) of endpoint \(name), which is \(record.described.text)")
        }
        let version = record.version
        record = try client.persistently { try client.endpoint(name, newerThan: version, timeoutSeconds: 1) }
      }
      return record
    }
  }

  /// Waits until the daemon does nothing more with it, whatever has become of it.
  @discardableResult
  public func settled(_ endpoint: String, within limit: Duration = .seconds(40)) async throws -> EndpointRecord {
    try await wait(forEndpoint: endpoint, "a settled status", within: limit) { $0.isSettled }
  }

  /// Waits until it is in service; throws at once when it has failed.
  @discardableResult
  public func inService(_ endpoint: String, within limit: Duration = .seconds(40)) async throws -> EndpointRecord {
    let record = try await settled(endpoint, within: limit)
    guard record.status == "InService" else {
      throw Overdue(what: "endpoint \(endpoint) in service: it is \(record.described.text)")
    }
    return record
  }

  /// Waits until there is no such endpoint any more.
  public func gone(_ endpoint: String, within limit: Duration = .seconds(40)) async throws {
    let client = client
    try await offPool {
      let deadline = ContinuousClock.now + limit
      var record = try client.persistently { try client.endpointIfAny(endpoint) }
      while let last = record {
        guard ContinuousClock.now < deadline else {
          throw Overdue(what: "the end of endpoint \(endpoint), which is \(last.described.text)")
        }
        record = try client.persistently {
          try client.endpointIfAny(endpoint, newerThan: last.version, timeoutSeconds: 1)
        }
      }
    }
  }

  // MARK: Workers

  /// Waits until the endpoint's workers fit. They come and go without a change of the record.
  @discardableResult
  public func wait(
    forWorkersOf endpoint: String, _ what: String, within limit: Duration = .seconds(40),
    until fits: @escaping @Sendable ([EndpointWorker]) -> Bool
  ) async throws -> [EndpointWorker] {
    let deadline = ContinuousClock.now + limit
    while true {
      let record = try await self.endpoint(endpoint)
      if fits(record.workers) { return record.workers }
      guard ContinuousClock.now < deadline else {
        throw Overdue(what: "\(what) of the workers of \(endpoint): \(record.described.text)")
      }
      try await Task.sleep(for: Self.pause)
    }
  }

  /// The living processes that serve an endpoint, those of their shims left out.
  public func servers(of endpoint: String) -> [ProcessEntry] { processes(of: "/endpoints/\(endpoint)") }

  // MARK: Requests

  /// One request to an endpoint and its whole answer, whatever its status.
  public func invoke(_ invocation: Invocation, timeoutSeconds: Int = 40) async throws -> Response {
    let client = client
    return try await offPool { try client.invoke(invocation, timeoutSeconds: timeoutSeconds) }
  }
}
