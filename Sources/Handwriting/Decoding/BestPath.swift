import Glibc

/// The simplest reading of frames: the likeliest class of each, repeats and blanks removed. Good enough to follow a
/// training; `WordDecoder` reads better.
public enum BestPath {
  public struct Reading: Sendable, Equatable {
    public let classes: [Int32]
    /// The probability of these classes over all paths, in 0...1.
    public let confidence: Double
    /// For each class the highest probability among its frames, in 0...1.
    public let characterConfidences: [Double]
  }

  public static func decode(_ scores: FrameScores) -> Reading {
    var classes: [Int32] = []
    var tops: [Float] = []
    var last: Int32 = 0
    scores.values.withUnsafeBufferPointer { values in
      for frame in 0..<scores.frames {
        let (best, value) = likeliest(values, from: frame * scores.classes, count: scores.classes)
        if best == 0 {
          last = 0
          continue
        }
        if best == last {
          tops[tops.count - 1] = max(tops[tops.count - 1], value)
        } else {
          classes.append(best)
          tops.append(value)
        }
        last = best
      }
    }
    let likelihood = CTCLikelihood.logProbability(of: classes, in: scores)
    return Reading(
      classes: classes, confidence: min(exp(likelihood), 1), characterConfidences: tops.map { min(exp(Double($0)), 1) })
  }

  private static func likeliest(
    _ values: UnsafeBufferPointer<Float>, from start: Int, count: Int
  ) -> (index: Int32, value: Float) {
    var best = 0
    for index in 1..<count where values[start + index] > values[start + best] { best = index }
    return (Int32(best), values[start + best])
  }
}
