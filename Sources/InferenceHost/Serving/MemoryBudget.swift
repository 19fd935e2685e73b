import Synchronization

/// Bytes that all requests in hand may take together, so that many large ones are sent away instead of ending the
/// process.
final class MemoryBudget: Sendable {
  private let left: Mutex<Int>

  init(bytes: Int) { left = Mutex(bytes) }

  /// Takes bytes until the share that is returned is gone.
  /// - Throws: when there are not so many.
  func share(_ bytes: Int) throws(InvocationFault) -> Share {
    let isThere = left.withLock { left in
      guard left >= bytes else { return false }
      left -= bytes
      return true
    }
    guard isThere else {
      throw InvocationFault(
        .tooManyRequests, "The requests in hand take all the memory they may: try again in a moment.")
    }
    return Share(bytes: bytes, of: self)
  }

  /// Bytes in use; given back when it goes out of scope.
  final class Share: Sendable {
    private let bytes: Int
    private let budget: MemoryBudget

    fileprivate init(bytes: Int, of budget: MemoryBudget) {
      self.bytes = bytes
      self.budget = budget
    }

    deinit { budget.left.withLock { $0 += bytes } }
  }
}
