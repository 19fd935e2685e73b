import HostKit

/// Draws pages again with replacement (bootstrap). Pages, not words, are drawn: the words of a page share its hand, its
/// light and its camera, so that intervals over words would promise too much.
public struct PageResampling: Sendable {
  public static let defaultResamples = 1_000
  /// Of fewer pages an interval would only seem to tell something.
  public static let leastPages = 5
  private let pages: Int
  private let seed: UInt64
  private let resamples: Int

  /// The same number of pages and seed give the same draws.
  public init(pages: Int, seed: UInt64, resamples: Int = defaultResamples) {
    self.pages = pages
    self.seed = seed
    self.resamples = resamples
  }

  /// The sum over the drawn pages, for each draw; none when there are no pages.
  public func sums<Value>(of values: [Value], from zero: Value, add: (inout Value, Value) -> Void) -> [Value] {
    precondition(values.count == pages)
    guard pages > 0 else { return [] }
    var random = SeededRandom(seed: seed)
    return (0..<resamples).map { _ in
      var sum = zero
      for _ in 0..<pages {
        add(&sum, values[Int(random.next().multipliedFullWidth(by: UInt64(pages)).high)])
      }
      return sum
    }
  }

  /// The middle 95 % of rates (percentile interval).
  /// - Precondition: there are some.
  public static func interval(_ rates: [Double]) -> ClosedRange<Double> {
    precondition(!rates.isEmpty)
    let sorted = rates.sorted()
    let last = Double(sorted.count - 1)
    return sorted[Int((last * 0.025).rounded())]...sorted[Int((last * 0.975).rounded())]
  }
}
