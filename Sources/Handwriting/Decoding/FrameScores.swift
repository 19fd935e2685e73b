import Glibc

/// What a recogniser says of one word: for each frame (a narrow slice of the image, left to right) the natural logarithm
/// of the probability of each class. Class 0 is CTC's blank.
public struct FrameScores: Sendable, Equatable {
  public let frames: Int
  public let classes: Int
  /// Frame after frame, `classes` values each; the probabilities of a frame sum to one.
  public let values: [Float]

  /// - Precondition: `values.count == frames * classes`, and there is a class beside the blank.
  public init(frames: Int, classes: Int, values: [Float]) {
    precondition(frames >= 0 && classes >= 2 && values.count == frames * classes)
    self.frames = frames
    self.classes = classes
    self.values = values
  }

  /// From a network's raw outputs.
  public init(frames: Int, classes: Int, logits: [Float]) {
    var values = logits
    values.withUnsafeMutableBufferPointer { values in
      for frame in 0..<frames {
        let row = UnsafeMutableBufferPointer(rebasing: values[(frame * classes)..<((frame + 1) * classes)])
        let top = row.max() ?? 0
        var sum: Float = 0
        for value in row { sum += expf(value - top) }
        let shift = top + logf(sum)
        for index in 0..<classes { row[index] -= shift }
      }
    }
    self.init(frames: frames, classes: classes, values: values)
  }

  public subscript(frame: Int, index: Int) -> Float { values[frame * classes + index] }
}

/// log(exp(a) + exp(b)) without overflow.
@inline(__always)
func logAdd(_ a: Double, _ b: Double) -> Double {
  let (small, large) = a < b ? (a, b) : (b, a)
  return small == -.infinity ? large : large + log1p(exp(small - large))
}
