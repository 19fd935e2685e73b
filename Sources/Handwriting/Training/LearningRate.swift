import Glibc

/// Warm-up to the highest rate, then down along a cosine (Loshchilov, Hutter 2017).
public struct LearningRate: Sendable, Equatable {
  public var highest: Double
  public var lowest: Double
  /// The share of the training that the warm-up takes.
  public var warmUp: Double

  public init(highest: Double, lowest: Double = 1e-5, warmUp: Double = 0.05) {
    self.highest = highest
    self.lowest = min(lowest, highest)
    self.warmUp = warmUp
  }

  /// - Parameter progress: how much of the training is done, 0...1.
  public func rate(at progress: Double) -> Double {
    if progress < warmUp { return highest * max(progress / warmUp, 1e-3) }
    let rest = min(1, (progress - warmUp) / (1 - warmUp))
    return lowest + (highest - lowest) * (1 + cos(Double.pi * rest)) / 2
  }
}
