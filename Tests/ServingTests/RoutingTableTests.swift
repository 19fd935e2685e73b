import Testing

@testable import Serving

/// The router's decisions, without sockets.
@Suite struct RoutingTableTests {
  private typealias Table = RoutingTable<String>

  private func route(_ workers: [String], perWorker: Int = 1, weights: [Double] = [1]) -> EndpointRoute {
    EndpointRoute(
      endpoint: "e", account: "1", region: "r",
      variants: weights.enumerated().map { index, weight in
        .init(
          name: "v\(index)", weight: weight, requestsPerWorker: perWorker, timeoutSeconds: 1,
          workers: workers.map { ReadyWorker(token: "\($0)\(index)", stages: []) })
      })
  }

  private func request(_ ticket: UInt64, again: Bool = false, avoiding seat: Int? = nil) -> Table.Request {
    .init(endpoint: "e", target: nil, fraction: 0, ticket: ticket, isAgain: again, avoidedSeat: seat)
  }

  private func granted(_ ruling: Table.Ruling) -> Table.Grant? {
    if case .granted(let grant) = ruling { grant } else { nil }
  }

  @Test func `the worker with the fewest requests is chosen, equals in turn`() {
    var table = Table(longestLine: 10)
    _ = table.publish(route(["a", "b", "c"], perWorker: 3))
    var grants = (0..<6).compactMap { granted(table.ask(request($0)) { "" }) }
    #expect(grants.map(\.worker.token) == ["a0", "b0", "c0", "a0", "b0", "c0"])
    _ = table.release(grants.removeLast().seat)
    #expect(granted(table.ask(request(9)) { "" })?.worker.token == "c0")
  }

  @Test func `the line is served in order, those who come again first`() throws {
    var table = Table(longestLine: 2)
    _ = table.publish(route(["a"]))
    let grant = try #require(granted(table.ask(request(1)) { "1" }))
    for ticket in [2, 3] as [UInt64] { _ = table.ask(request(ticket)) { "\(ticket)" } }
    guard case .refused(.lineFull) = table.ask(request(4), waiter: { "4" }) else {
      Issue.record("no refusal")
      return
    }
    _ = table.ask(request(5, again: true)) { "5" }
    #expect(table.leave(2, endpoint: "e") && !table.leave(2, endpoint: "e"))
    #expect(table.release(grant.seat)?.waiter == "5")
    #expect(table.release(grant.seat)?.waiter == "3")
    #expect(table.release(grant.seat) == nil)
  }

  @Test func `a seat to avoid is taken only when there is no other`() throws {
    var table = Table(longestLine: 2)
    _ = table.publish(route(["a", "b"]))
    let first = try #require(granted(table.ask(request(1)) { "" }))
    _ = table.release(first.seat)
    let second = try #require(granted(table.ask(request(2, again: true, avoiding: first.seat)) { "" }))
    #expect(second.seat != first.seat)
    #expect(granted(table.ask(request(3, again: true, avoiding: first.seat)) { "" })?.seat == first.seat)
  }

  @Test func `a benched worker gets nothing until its pause is over`() throws {
    var table = Table(longestLine: 2)
    _ = table.publish(route(["a"]))
    let grant = try #require(granted(table.ask(request(1)) { "" }))
    table.bench(grant.seat)
    _ = table.release(grant.seat)
    #expect(granted(table.ask(request(2)) { "2" }) == nil)
    #expect(table.unbench(grant.seat).map(\.waiter) == ["2"])
  }

  @Test func `a new route keeps the count of workers that stay`() throws {
    var table = Table(longestLine: 2)
    _ = table.publish(route(["a"]))
    let grant = try #require(granted(table.ask(request(1)) { "" }))
    _ = table.publish(route(["a"]))
    #expect(granted(table.ask(request(2)) { "2" }) == nil)
    #expect(table.publish(route(["b"])).map(\.waiter) == ["2"])
    #expect(!table.isDrained("a0"))
    _ = table.release(grant.seat)
    #expect(table.isDrained("a0"))
  }

  @Test(arguments: [[1.0], [1, 3], [0, 2, 2], [0.5, 0, 0.25, 0.25]])
  func `variants are chosen in proportion to their weights`(weights: [Double]) {
    var counts = [Int](repeating: 0, count: weights.count)
    for step in 0..<1000 {
      if let index = chosenIndex(weights: weights, fraction: Double(step) / 1000) { counts[index] += 1 }
    }
    let sum = weights.reduce(0, +)
    for (count, weight) in zip(counts, weights) { #expect(abs(Double(count) - 1000 * weight / sum) <= 1) }
  }

  @Test func `no weight at all chooses nothing`() { #expect(chosenIndex(weights: [0, 0], fraction: 0.5) == nil) }
}
