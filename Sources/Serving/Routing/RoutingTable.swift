/// Which request goes to which worker, and who waits: every decision of the router, as a value.
///
/// A *desk* is a variant of an endpoint with its line; a *seat* is a worker that was in a route once and has requests in
/// hand or may get more. A seat outlives its place in the route until nothing is in hand of it.
struct RoutingTable<Waiter> {
  /// The right to send one request to a worker; given back by `release`.
  struct Grant: Sendable {
    let seat: Int
    let desk: Int
    let worker: ReadyWorker
    let timeoutSeconds: Double
    let place: Place
  }

  enum Refusal: Sendable, Equatable {
    case unknownEndpoint, unknownVariant, noWeight
    case lineFull
    /// The variant in whose line a request was is in the route no more: the request may ask again.
    case variantGone
  }

  enum Outcome: Sendable {
    case granted(Grant)
    case refused(Refusal)
  }

  enum Ruling {
    case granted(Grant)
    case inLine
    case refused(Refusal)
  }

  /// A waiter whose waiting is over.
  typealias Call = (waiter: Waiter, outcome: Outcome)

  struct Request {
    var endpoint: String
    var target: String?
    /// For the choice by weight: evenly spread in [0, 1).
    var fraction: Double
    /// Names the request in the line; unique.
    var ticket: UInt64
    /// It had its turn before: it goes before all others, to the desk where it was if that is still there.
    var isAgain = false
    var formerDesk: Int?
    /// A seat that failed it before: taken only when there is no other.
    var avoidedSeat: Int?
  }

  private struct Endpoint {
    var account: String
    var region: String
    var desks: [Int]
  }

  private struct Desk {
    var place: Place
    var weight: Double
    var requestsPerWorker: Int
    var timeoutSeconds: Double
    var seats: [Int] = []
    /// The seat with which the next search begins, so that equals take turns.
    var cursor = 0
    var line = WaitingLine<Waiter>()
  }

  private struct Seat {
    var worker: ReadyWorker
    var desk: Int
    var inFlight = 0
    var isRouted = true
    var isBenched = false
  }

  let longestLine: Int
  private var endpoints: [String: Endpoint] = [:]
  private var desks: [Int: Desk] = [:]
  private var seats: [Int: Seat] = [:]
  private var seatOfToken: [String: Int] = [:]
  private var lastNumber = 0

  init(longestLine: Int) { self.longestLine = longestLine }

  /// Rules on a request. `waiter` is asked for only when the request has to wait.
  mutating func ask(_ request: Request, waiter: () -> Waiter) -> Ruling {
    let number: Int
    switch choose(request) {
    case .success(let chosen): number = chosen
    case .failure(let refusal): return .refused(refusal.refusal)
    }
    if request.isAgain || desks[number]?.line.isEmpty == true, let grant = seatAt(number, avoiding: request.avoidedSeat)
    {
      return .granted(grant)
    }
    guard request.isAgain || (desks[number]?.line.count ?? 0) < longestLine else { return .refused(.lineFull) }
    if request.isAgain {
      desks[number]?.line.prepend(waiter(), ticket: request.ticket)
    } else {
      desks[number]?.line.append(waiter(), ticket: request.ticket)
    }
    return .inLine
  }
}

extension RoutingTable {
  /// Gives a grant back. Whoever is next in line gets the seat.
  mutating func release(_ seat: Int) -> Call? {
    guard let former = seats[seat] else { return nil }
    seats[seat]?.inFlight = former.inFlight - 1
    guard former.isRouted else {
      if former.inFlight == 1 { remove(seat) }
      return nil
    }
    return callNext(at: former.desk)
  }

  /// Gives a worker no new requests until `unbench`: no connection to it could be made.
  mutating func bench(_ seat: Int) { seats[seat]?.isBenched = true }

  mutating func unbench(_ seat: Int) -> [Call] {
    guard let desk = seats[seat]?.desk else { return [] }
    seats[seat]?.isBenched = false
    return callAll(at: desk)
  }

  /// Takes a request out of the line; false when it is in it no more, as its call is on the way.
  mutating func leave(_ ticket: UInt64, endpoint: String) -> Bool {
    guard let numbers = endpoints[endpoint]?.desks else { return false }
    return numbers.contains { desks[$0]?.line.remove(ticket) == true }
  }

  func isDrained(_ token: String) -> Bool { seatOfToken[token].flatMap { seats[$0] }.map { $0.inFlight == 0 } ?? true }

  /// The desk of a request that was refused before it came to one: of the variant asked for, else the first.
  func place(ofEndpoint endpoint: String, target: String?) -> Place? {
    let places = endpoints[endpoint]?.desks.compactMap { desks[$0]?.place } ?? []
    return places.first { target == nil || $0.variant == target }
  }

  /// What is in hand and in line at each desk.
  var occupancy: [(place: Place, inFlight: Int, inLine: Int)] {
    let inFlight = Dictionary(seats.values.map { ($0.desk, $0.inFlight) }, uniquingKeysWith: +)
    return endpoints.sorted { $0.key < $1.key }.flatMap { _, endpoint in
      endpoint.desks.compactMap { number in
        desks[number].map { ($0.place, inFlight[number] ?? 0, $0.line.count) }
      }
    }
  }
}

// MARK: Choosing

extension RoutingTable {
  private struct Refused: Error {
    let refusal: Refusal
  }

  private func choose(_ request: Request) -> Result<Int, Refused> {
    guard let endpoint = endpoints[request.endpoint] else { return .failure(Refused(refusal: .unknownEndpoint)) }
    if let former = request.formerDesk, endpoint.desks.contains(former) { return .success(former) }
    if let target = request.target {
      let found = endpoint.desks.first { desks[$0]?.place.variant == target }
      return found.map { .success($0) } ?? .failure(Refused(refusal: .unknownVariant))
    }
    let weights = endpoint.desks.map { desks[$0]?.weight ?? 0 }
    return chosenIndex(weights: weights, fraction: request.fraction).map { .success(endpoint.desks[$0]) }
      ?? .failure(Refused(refusal: .noWeight))
  }

  /// The free seat with the fewest requests in flight, equals in turn; counted as taken.
  private mutating func seatAt(_ number: Int, avoiding avoided: Int?) -> Grant? {
    guard let desk = desks[number], !desk.seats.isEmpty else { return nil }
    var best: (seat: Int, inFlight: Int, index: Int)?
    var isBestAvoided = true
    for step in 0..<desk.seats.count {
      let index = (desk.cursor + step) % desk.seats.count
      let candidate = desk.seats[index]
      guard let seat = seats[candidate], !seat.isBenched, seat.inFlight < desk.requestsPerWorker else { continue }
      let isAvoided = candidate == avoided
      if let best, isAvoided || (!isBestAvoided && best.inFlight <= seat.inFlight) { continue }
      best = (candidate, seat.inFlight, index)
      isBestAvoided = isAvoided
    }
    guard let best, let worker = seats[best.seat]?.worker else { return nil }
    seats[best.seat]?.inFlight = best.inFlight + 1
    desks[number]?.cursor = (best.index + 1) % desk.seats.count
    return Grant(
      seat: best.seat, desk: number, worker: worker, timeoutSeconds: desk.timeoutSeconds, place: desk.place)
  }

  private mutating func callNext(at number: Int) -> Call? {
    guard desks[number]?.line.isEmpty == false, let grant = seatAt(number, avoiding: nil) else { return nil }
    return desks[number]?.line.popFirst().map { ($0, .granted(grant)) }
  }

  private mutating func callAll(at number: Int) -> [Call] {
    var calls: [Call] = []
    while let call = callNext(at: number) { calls.append(call) }
    return calls
  }
}

/// The index of a weight, chosen in proportion; nil when all are zero.
func chosenIndex(weights: [Double], fraction: Double) -> Int? {
  var rest = fraction * weights.reduce(0) { $0 + max($1, 0) }
  for (index, weight) in weights.enumerated() where weight > 0 {
    if rest < weight { return index }
    rest -= weight
  }
  // Rounding can leave a trace behind the last one.
  return weights.lastIndex { $0 > 0 }
}

// MARK: Routes

extension RoutingTable {
  /// Puts a route in the place of the endpoint's former one.
  mutating func publish(_ route: EndpointRoute) -> [Call] {
    let former = endpoints[route.endpoint]?.desks ?? []
    let numbers = route.variants.map { variant in
      former.first { desks[$0]?.place.variant == variant.name } ?? nextNumber()
    }
    for (number, variant) in zip(numbers, route.variants) { set(number, to: variant, of: route) }
    endpoints[route.endpoint] = Endpoint(account: route.account, region: route.region, desks: numbers)
    var calls: [Call] = []
    for number in former where !numbers.contains(number) { calls += close(number, because: .variantGone) }
    for number in numbers { calls += callAll(at: number) }
    return calls
  }

  mutating func withdraw(_ endpoint: String) -> [Call] {
    guard let numbers = endpoints.removeValue(forKey: endpoint)?.desks else { return [] }
    return numbers.flatMap { close($0, because: .unknownEndpoint) }
  }

  private mutating func set(_ number: Int, to variant: EndpointRoute.Variant, of route: EndpointRoute) {
    let place = Place(
      endpoint: route.endpoint, variant: variant.name, account: route.account, region: route.region,
      tally: desks[number]?.place.tally ?? VariantTally())
    var desk = desks[number] ?? Desk(place: place, weight: 0, requestsPerWorker: 1, timeoutSeconds: 0)
    desk.place = place
    desk.weight = variant.weight
    desk.requestsPerWorker = max(1, variant.requestsPerWorker)
    desk.timeoutSeconds = variant.timeoutSeconds
    let tokens = Set(variant.workers.map(\.token))
    for seat in desk.seats where !tokens.contains(seats[seat]?.worker.token ?? "") { unroute(seat) }
    desk.seats = variant.workers.map { seat(of: $0, at: number) }
    desk.cursor = 0
    desks[number] = desk
  }

  private mutating func seat(of worker: ReadyWorker, at desk: Int) -> Int {
    if let known = seatOfToken[worker.token] {
      seats[known]?.worker = worker
      seats[known]?.desk = desk
      seats[known]?.isRouted = true
      return known
    }
    let number = nextNumber()
    seats[number] = Seat(worker: worker, desk: desk)
    seatOfToken[worker.token] = number
    return number
  }

  private mutating func unroute(_ seat: Int) {
    seats[seat]?.isRouted = false
    if seats[seat]?.inFlight == 0 { remove(seat) }
  }

  private mutating func remove(_ seat: Int) {
    guard let token = seats.removeValue(forKey: seat)?.worker.token else { return }
    seatOfToken[token] = nil
  }

  /// Ends a desk and calls all in its line.
  private mutating func close(_ number: Int, because refusal: Refusal) -> [Call] {
    guard var desk = desks.removeValue(forKey: number) else { return [] }
    for seat in desk.seats { unroute(seat) }
    var calls: [Call] = []
    while let waiter = desk.line.popFirst() { calls.append((waiter, .refused(refusal))) }
    return calls
  }

  private mutating func nextNumber() -> Int {
    lastNumber += 1
    return lastNumber
  }
}
