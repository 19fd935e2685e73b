import Glibc
import HostKit

/// Normally distributed numbers (Box, Muller 1958) beside even ones.
public struct GaussianRandom {
  private var source: SeededRandom
  private var spare: Double?

  public init(seed: UInt64) { source = SeededRandom(seed: seed) }

  public mutating func uniform() -> Double { source.uniform() }

  public mutating func normal() -> Double {
    if let spare {
      self.spare = nil
      return spare
    }
    let radius = (-2 * log(1 - source.uniform())).squareRoot()
    let angle = 2 * Double.pi * source.uniform()
    spare = radius * sin(angle)
    return radius * cos(angle)
  }
}
