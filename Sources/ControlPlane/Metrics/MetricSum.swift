import Wire

/// What one point of a series stands for: one measurement, or the sums of a minute's.
struct MetricSample: Sendable {
  /// Milliseconds since 1970.
  let time: Int64
  let sum: Double
  let count: Double
  /// Nil where only the sums are kept.
  var extremes: ClosedRange<Double>?

  init(time: Int64, value: Double) {
    (self.time, sum, count, extremes) = (time, value, 1, value.isFinite ? value...value : nil)
  }

  init(time: Int64, sum: Double, count: Double) {
    (self.time, self.sum, self.count, extremes) = (time, sum, count, nil)
  }
}

/// A series over one stretch of time.
struct MetricSum: Sendable {
  /// Seconds since 1970 of the stretch's beginning.
  let start: Int64
  private(set) var sum = 0.0
  private(set) var count = 0.0
  private var extremes: ClosedRange<Double>?
  private var knowsExtremes = true

  private init(start: Int64) { self.start = start }

  /// The stretches that have samples, in the order of time.
  static func sums(of samples: [MetricSample], _ statistic: MetricStatistic) -> [MetricSum] {
    var sums: [Int64: MetricSum] = [:]
    for sample in samples where sample.count > 0 {
      let second = sample.time / 1000
      guard second >= statistic.start, second < statistic.end else { continue }
      let start = second - second % statistic.period
      sums[start, default: MetricSum(start: start)].add(sample)
    }
    return sums.values.sorted { $0.start < $1.start }
  }

  private mutating func add(_ sample: MetricSample) {
    sum += sample.sum
    count += sample.count
    guard let range = sample.extremes else {
      knowsExtremes = false
      return
    }
    extremes = extremes.map { min($0.lowerBound, range.lowerBound)...max($0.upperBound, range.upperBound) } ?? range
  }

  /// Nil where it is not known, or no number.
  func value(_ kind: MetricStatistic.Kind) -> Double? {
    let value: Double? =
      switch kind {
      case .average: sum / count
      case .sum: sum
      case .sampleCount: count
      case .minimum: knowsExtremes ? extremes?.lowerBound : nil
      case .maximum: knowsExtremes ? extremes?.upperBound : nil
      }
    return value.flatMap { $0.isFinite ? $0 : nil }
  }
}
