import Glibc

/// How likely frames carry a given text, over all the ways in which its characters can lie on them (Graves et al.,
/// "Connectionist Temporal Classification", 2006).
public enum CTCLikelihood {
  /// The natural logarithm of the text's probability; minus infinity when it needs more frames than there are.
  /// - Precondition: each class is in `1..<scores.classes`.
  public static func logProbability(of classes: [Int32], in scores: FrameScores) -> Double {
    let states = 2 * classes.count + 1
    guard scores.frames > 0 else { return classes.isEmpty ? 0 : -.infinity }
    var row = [Double](repeating: -.infinity, count: states)
    scores.values.withUnsafeBufferPointer { values in
      row.withUnsafeMutableBufferPointer { row in
        row[0] = Double(values[0])
        if states > 1 { row[1] = Double(values[Int(classes[0])]) }
        for frame in 1..<max(scores.frames, 1) {
          let start = frame * scores.classes
          // From the right, so that what a state takes from its left is still of the frame before.
          for state in stride(from: min(states - 1, 2 * frame + 1), through: 0, by: -1) {
            var sum = row[state]
            if state > 0 { sum = logAdd(sum, row[state - 1]) }
            if canSkip(to: state, classes) { sum = logAdd(sum, row[state - 2]) }
            row[state] = sum + Double(values[start + symbol(state, classes)])
          }
        }
      }
    }
    return states > 1 ? logAdd(row[states - 1], row[states - 2]) : row[0]
  }

  /// For each character the highest probability among the frames that the likeliest path gives it, in 0...1. All 0 when
  /// the text does not fit on the frames.
  /// - Precondition: each class is in `1..<scores.classes`.
  public static func characterConfidences(of classes: [Int32], in scores: FrameScores) -> [Double] {
    guard !classes.isEmpty, scores.frames > 0 else { return [] }
    var tops = [Double](repeating: 0, count: classes.count)
    for (frame, state) in likeliestStates(of: classes, in: scores).enumerated() where state % 2 == 1 {
      tops[state / 2] = max(tops[state / 2], min(exp(Double(scores[frame, symbol(state, classes)])), 1))
    }
    return tops
  }

  /// The state (even: a blank, odd: a character) of each frame on the likeliest path; empty when there is none.
  private static func likeliestStates(of classes: [Int32], in scores: FrameScores) -> [Int] {
    let states = 2 * classes.count + 1
    var row = [Double](repeating: -.infinity, count: states)
    var steps = [UInt8](repeating: 0, count: scores.frames * states)
    row[0] = Double(scores[0, 0])
    row[1] = Double(scores[0, Int(classes[0])])
    for frame in 1..<max(scores.frames, 1) {
      for state in stride(from: states - 1, through: 0, by: -1) {
        var step = 0
        if state > 0, row[state - 1] > row[state] { step = 1 }
        if canSkip(to: state, classes), row[state - 2] > row[state - step] { step = 2 }
        steps[frame * states + state] = UInt8(step)
        row[state] = row[state - step] + Double(scores[frame, symbol(state, classes)])
      }
    }
    var state = row[states - 1] >= row[states - 2] ? states - 1 : states - 2
    guard row[state] > -.infinity else { return [] }
    var path = [Int](repeating: 0, count: scores.frames)
    for frame in stride(from: scores.frames - 1, through: 0, by: -1) {
      path[frame] = state
      state -= Int(steps[frame * states + state])
    }
    return path
  }

  @inline(__always)
  private static func symbol(_ state: Int, _ classes: [Int32]) -> Int {
    state % 2 == 0 ? 0 : Int(classes[state / 2])
  }

  /// A blank may be passed over between two different characters, never between two equal ones.
  @inline(__always)
  private static func canSkip(to state: Int, _ classes: [Int32]) -> Bool {
    state >= 3 && state % 2 == 1 && classes[state / 2] != classes[state / 2 - 1]
  }
}
