/// Those who wait, first come first served; leaving from the middle costs no search.
struct WaitingLine<Waiter> {
  private var waiters: [UInt64: Waiter] = [:]
  /// Tickets in their order, those of waiters who have left included.
  private var tickets: [UInt64] = []
  private var first = 0
  /// Tickets that go before all others, the last one first.
  private var returned: [UInt64] = []

  var count: Int { waiters.count }
  var isEmpty: Bool { waiters.isEmpty }

  mutating func append(_ waiter: Waiter, ticket: UInt64) {
    waiters[ticket] = waiter
    tickets.append(ticket)
  }

  /// For those who had their turn once already.
  mutating func prepend(_ waiter: Waiter, ticket: UInt64) {
    waiters[ticket] = waiter
    returned.append(ticket)
  }

  /// True when the ticket's holder was in line.
  mutating func remove(_ ticket: UInt64) -> Bool {
    defer { if waiters.isEmpty { forgetTickets() } }
    return waiters.removeValue(forKey: ticket) != nil
  }

  mutating func popFirst() -> Waiter? {
    while let ticket = nextTicket() {
      guard let waiter = waiters.removeValue(forKey: ticket) else { continue }
      if waiters.isEmpty { forgetTickets() }
      return waiter
    }
    return nil
  }

  private mutating func nextTicket() -> UInt64? {
    if let ticket = returned.popLast() { return ticket }
    guard first < tickets.count else { return nil }
    defer { first += 1 }
    if first > 1024, first * 2 > tickets.count {
      tickets.removeFirst(first)
      first = 0
    }
    return tickets[first]
  }

  private mutating func forgetTickets() {
    tickets.removeAll(keepingCapacity: true)
    returned.removeAll(keepingCapacity: true)
    first = 0
  }
}
