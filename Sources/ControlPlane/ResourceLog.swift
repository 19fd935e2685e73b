import Launching

/// A log as it grows: chunks of at most 256 KiB in order, the next read only when the last was taken.
public final class ResourceLog: AsyncSequence, Sendable {
  public typealias Element = [UInt8]

  private let follower: LogFollower?
  private let subscription: WakeBoard.Subscription

  init(follower: LogFollower?, subscription: WakeBoard.Subscription) {
    self.follower = follower
    self.subscription = subscription
  }

  /// Whoever read has gone: nobody needs to hear of the resource's end any more.
  deinit { subscription.cancel() }

  /// Ends the follower once the resource writes no more, looking again after each of its changes.
  static func end(
    _ follower: LogFollower, at subscription: WakeBoard.Subscription, isOver: @Sendable () async -> Bool
  ) async {
    for await _ in subscription.changes {
      if await isOver() { break }
    }
    follower.end()
  }

  public func makeAsyncIterator() -> Iterator {
    Iterator(log: self, inner: follower?.makeAsyncIterator())
  }

  public struct Iterator: AsyncIteratorProtocol {
    /// Keeps the log, and with it the subscription, for as long as somebody reads.
    fileprivate let log: ResourceLog
    fileprivate let inner: LogFollower.Iterator?

    public mutating func next() async throws -> [UInt8]? { try await inner?.next() }
  }
}
