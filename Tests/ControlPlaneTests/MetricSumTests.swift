import Testing
import Wire

@testable import ControlPlane

@Suite struct MetricSumTests {
  private func sums(_ samples: [MetricSample], period: Int64, from start: Int64, to end: Int64) -> [MetricSum] {
    var statistic = MetricStatistic()
    (statistic.period, statistic.start, statistic.end) = (period, start, end)
    return MetricSum.sums(of: samples, statistic)
  }

  @Test func `measurements are summed by stretches that begin at multiples of the period`() {
    let samples = [(59_999, 1.0), (60_000, 2.0), (119_000, 4.0), (180_000, 7.0)].map {
      MetricSample(time: $0.0, value: $0.1)
    }
    let found = sums(samples, period: 60, from: 0, to: 180)
    #expect(found.map(\.start) == [0, 60])
    #expect(found.map { $0.value(.average) } == [1, 3])
    #expect(found.map { $0.value(.sum) } == [1, 6])
    #expect(found.map { $0.value(.minimum) } == [1, 2])
    #expect(found.map { $0.value(.maximum) } == [1, 4])
    #expect(found.map { $0.value(.sampleCount) } == [1, 2])
  }

  @Test func `of sums that were kept by the minute the extremes are unknown`() {
    let found = sums([MetricSample(time: 0, sum: 10, count: 4)], period: 60, from: 0, to: 60)
    #expect(found.first?.value(.average) == 2.5)
    #expect(found.first?.value(.minimum) == nil)
  }

  @Test func `what is no number is no value`() {
    let found = sums([MetricSample(time: 0, value: .nan)], period: 60, from: 0, to: 60)
    #expect(found.first?.value(.average) == nil)
    #expect(found.first?.value(.sampleCount) == 1)
  }
}
