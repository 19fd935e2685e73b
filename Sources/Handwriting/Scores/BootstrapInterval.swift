import HostKit

/// Between which bounds a rate would lie on other words of the same kind: the 95 % percentile interval over words that
/// are drawn again with replacement. The same words and seed give the same bounds.
public struct BootstrapInterval: Sendable, Equatable {
  public let lower: Double
  public let upper: Double

  public static let defaultResamples = 1_000

  public static func characterErrorRate(
    of words: [WordScore], seed: UInt64, resamples: Int = defaultResamples
  ) -> BootstrapInterval {
    interval(
      parts: words.map { Int32(clamping: $0.characterErrors) },
      wholes: words.map { Int32(clamping: $0.referenceCharacters) }, seed: seed, resamples: resamples)
  }

  public static func exactMatchRate(
    of words: [WordScore], seed: UInt64, resamples: Int = defaultResamples
  ) -> BootstrapInterval {
    interval(
      parts: words.map { $0.isExact ? 1 : 0 }, wholes: words.map { _ in 1 }, seed: seed, resamples: resamples)
  }

  private static func interval(parts: [Int32], wholes: [Int32], seed: UInt64, resamples: Int) -> BootstrapInterval {
    guard !parts.isEmpty, resamples > 0 else { return BootstrapInterval(lower: 0, upper: 0) }
    var random = SeededRandom(seed: seed)
    var rates = (0..<resamples).map { _ in rate(parts: parts, wholes: wholes, random: &random) }
    rates.sort()
    let last = Double(resamples - 1)
    return BootstrapInterval(
      lower: rates[Int((last * 0.025).rounded())], upper: rates[Int((last * 0.975).rounded())])
  }

  private static func rate(parts: [Int32], wholes: [Int32], random: inout SeededRandom) -> Double {
    var part = 0
    var whole = 0
    let count = UInt64(parts.count)
    parts.withUnsafeBufferPointer { parts in
      wholes.withUnsafeBufferPointer { wholes in
        for _ in 0..<parts.count {
          let index = Int(random.next().multipliedFullWidth(by: count).high)
          part += Int(parts[index])
          whole += Int(wholes[index])
        }
      }
    }
    return whole == 0 ? 0 : Double(part) / Double(whole)
  }
}
