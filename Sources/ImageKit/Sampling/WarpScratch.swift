/// Memory that one thread's samplings share, so that in the steady state none allocates. Not for two threads at once.
public struct WarpScratch: Sendable {
  /// The word's raster between empty borders.
  var raster: [Float] = []
  /// A row while it is averaged.
  var line: [Float] = []
  /// A copy of the picture while it is made bolder or less sharp.
  var plane: [Float] = []
  /// The moves of the elastic grid's nodes: three rows of (x, y) pairs.
  var nodes: [Float] = []
  /// Ink of each of the 256 strengths, after contrast and gamma.
  var strengths: [Float] = []

  public init() {}
}

extension [Float] {
  /// At least so many elements; what they hold is left open.
  mutating func makeRoom(_ count: Int) {
    if self.count < count { self = [Float](repeating: 0, count: count + count / 4) }
  }
}
