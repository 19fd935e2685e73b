public import NIOCore
import NIOPosix
import Synchronization

/// The data plane: finds a worker for each request for an endpoint, and keeps requests waiting until there is one.
///
/// Connections come in through `RequestSplitter`. All of it may be called from anywhere.
public final class InvocationRouter: Sendable {
  public let settings: RouterSettings
  private let group: any EventLoopGroup
  private let onTrouble: @Sendable (_ token: String, WorkerTrouble) -> Void
  private let table: Mutex<RoutingTable<NIOLoopBound<Invocation>>>
  private let connections = Mutex<[ObjectIdentifier: NIOLoopBound<WorkerConnections>]>([:])
  private let drainers = Mutex<[Drainer]>([])
  /// Requests of the daemon's own that workers have in hand, by their tokens.
  private let exchanges = Mutex<[String: Int]>([:])
  private let tickets = Atomic<UInt64>(0)
  let budget: BodyBudget

  private struct Drainer {
    let number: UInt64
    let token: String
    let continuation: CheckedContinuation<Bool, Never>
  }

  /// - Parameter onTrouble: told at once, on some event loop, what a worker did wrong. It must not block.
  public init(
    settings: RouterSettings, group: any EventLoopGroup,
    onTrouble: @escaping @Sendable (_ token: String, WorkerTrouble) -> Void
  ) {
    self.settings = settings
    self.group = group
    self.onTrouble = onTrouble
    table = Mutex(RoutingTable(longestLine: settings.longestLine))
    budget = BodyBudget(limit: settings.bytesInHand)
  }

  /// Puts a route in the place of the endpoint's former one, at once and as a whole. Workers that are in it no more get
  /// no new request; what they have in hand goes on. Requests in line go on in line, by the new route.
  public func publish(_ route: EndpointRoute) { call(table.withLock { $0.publish(route) }) }

  /// The endpoint is gone: requests in line are refused as for an unknown endpoint. Its figures go with it.
  public func withdraw(_ endpoint: String) { call(table.withLock { $0.withdraw(endpoint) }) }

  /// Whether requests for the endpoint find a variant now.
  public func routes(_ endpoint: String) -> Bool { place(ofEndpoint: endpoint, target: nil) != nil }

  /// Returns when nothing is in hand of this worker any more, or the time is over (false). Take the worker out of its
  /// route first: otherwise it goes on getting requests.
  public func drained(_ token: String, seconds: Double) async -> Bool {
    let number = newTicket()
    return await withCheckedContinuation { continuation in
      drainers.withLock { $0.append(Drainer(number: number, token: token, continuation: continuation)) }
      group.next().scheduleTask(in: .nanoseconds(Int64(seconds * 1e9))) { [weak self] in
        self?.endDrainers(with: false) { $0.number == number }
      }
      tellDrainers()
    }
  }

  /// What every variant that is routed has done and does.
  public func figures() -> [VariantFigures] {
    table.withLock { $0.occupancy }.map { place, inFlight, inLine in
      var figures = place.tally.figures
      figures.endpoint = place.endpoint
      figures.variant = place.variant
      figures.inFlight = inFlight
      figures.inLine = inLine
      return figures
    }
  }
}

// MARK: For invocations

extension InvocationRouter {
  typealias Table = RoutingTable<NIOLoopBound<Invocation>>

  /// For how long a worker that could not be reached gets no request.
  private static let benchMilliseconds: Int64 = 100

  func newTicket() -> UInt64 { tickets.wrappingAdd(1, ordering: .relaxed).newValue }

  func ask(_ request: Table.Request, for invocation: Invocation) -> Table.Ruling {
    let waiter = NIOLoopBound(invocation, eventLoop: invocation.client.loop)
    return table.withLock { $0.ask(request) { waiter } }
  }

  func release(_ seat: Int) {
    if let next = table.withLock({ $0.release(seat) }) { call([next]) }
    tellDrainers()
  }

  /// False: the request is in line no more, its call is on the way.
  @discardableResult
  func leave(_ ticket: UInt64, endpoint: String) -> Bool { table.withLock { $0.leave(ticket, endpoint: endpoint) } }

  func bench(_ seat: Int, on loop: any EventLoop) {
    table.withLock { $0.bench(seat) }
    loop.scheduleTask(in: .milliseconds(Self.benchMilliseconds)) { [weak self] in
      guard let self else { return }
      call(table.withLock { $0.unbench(seat) })
    }
  }

  func place(ofEndpoint endpoint: String, target: String?) -> Place? {
    table.withLock { $0.place(ofEndpoint: endpoint, target: target) }
  }

  func anyLoop() -> any EventLoop { group.next() }

  func report(_ token: String, _ trouble: WorkerTrouble) { onTrouble(token, trouble) }

  /// The connections of an event loop, asked for on it.
  func connections(on loop: any EventLoop) -> WorkerConnections {
    connections.withLock { all in
      if let known = all[ObjectIdentifier(loop)] { return known }
      let made = NIOLoopBound(WorkerConnections(on: loop), eventLoop: loop)
      all[ObjectIdentifier(loop)] = made
      return made
    }.value
  }

  func beginExchange(with token: String) { exchanges.withLock { $0[token, default: 0] += 1 } }

  func endExchange(with token: String) {
    exchanges.withLock { all in
      let left = (all[token] ?? 1) - 1
      all[token] = left > 0 ? left : nil
    }
    tellDrainers()
  }

  private func call(_ calls: [Table.Call]) {
    for (waiter, outcome) in calls { waiter.eventLoop.execute { waiter.value.called(outcome) } }
  }

  private func tellDrainers() {
    guard drainers.withLock({ !$0.isEmpty }) else { return }
    let tokens = drainers.withLock { $0.map(\.token) }
    let busy = exchanges.withLock { Set($0.keys) }
    let drained = table.withLock { table in Set(tokens.filter { table.isDrained($0) }) }.subtracting(busy)
    endDrainers(with: true) { drained.contains($0.token) }
  }

  private func endDrainers(with answer: Bool, where ends: (Drainer) -> Bool) {
    let ended = drainers.withLock { all in
      defer { all.removeAll(where: ends) }
      return all.filter(ends)
    }
    for drainer in ended { drainer.continuation.resume(returning: answer) }
  }
}
