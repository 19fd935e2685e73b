import Synchronization

/// Bounds the bytes of request bodies that are held at a time, over all connections.
final class BodyBudget: Sendable {
  let limit: Int
  private let taken = Atomic<Int>(0)

  init(limit: Int) { self.limit = limit }

  var free: Int { limit - taken.load(ordering: .relaxed) }

  func take(_ count: Int) -> Bool {
    if taken.wrappingAdd(count, ordering: .relaxed).newValue <= limit { return true }
    give(count)
    return false
  }

  func give(_ count: Int) { taken.wrappingSubtract(count, ordering: .relaxed) }
}
