/// How often values fell into fixed ranges, and their sum.
public struct Histogram: Sendable, Equatable {
  /// Upper bounds in seconds; what is larger falls into one more range.
  public static let bounds: [Double] = [
    0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60,
  ]

  /// How many values fell into each range, the unbounded one included.
  public private(set) var counts = [Int](repeating: 0, count: bounds.count + 1)
  public private(set) var sum = 0.0

  public init() {}

  public var count: Int { counts.reduce(0, +) }

  mutating func add(_ seconds: Double) {
    counts[Self.bounds.firstIndex { seconds <= $0 } ?? Self.bounds.count] += 1
    sum += seconds
  }
}
