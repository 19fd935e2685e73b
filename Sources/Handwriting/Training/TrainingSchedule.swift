import Glibc

/// How much of a training is done.
public struct TrainingSchedule: Sendable, Equatable {
  public let length: TrainingPlan.Length
  public let stepsPerEpoch: Int

  public init(_ length: TrainingPlan.Length, stepsPerEpoch: Int) {
    self.length = length
    self.stepsPerEpoch = max(1, stepsPerEpoch)
  }

  /// - Returns: 0...1, after so many steps and seconds.
  public func share(step: Int, seconds: Double) -> Double {
    switch length {
    case .epochs(let epochs): min(1, Double(step) / Double(max(1, epochs * stepsPerEpoch)))
    case .minutes(let minutes): min(1, seconds / (60 * minutes))
    }
  }
}

/// Seconds of training, over all attempts.
public struct TrainingClock: Sendable {
  private let began: Double

  public init(secondsBefore: Double) { began = Self.now() - secondsBefore }

  public var seconds: Double { Self.now() - began }

  private static func now() -> Double {
    var time = timespec()
    clock_gettime(CLOCK_MONOTONIC, &time)
    return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
  }
}
