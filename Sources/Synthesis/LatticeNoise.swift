import HostKit

/// Smooth noise in -0.5...0.5: random values at the corners of square cells, blended between them.
struct LatticeNoise {
  private let columns: Int
  private let cell: Float
  private let values: [Float]

  init(width: Int, height: Int, cell: Float, using random: inout SeededRandom) {
    self.cell = max(1, cell)
    columns = Int(Float(width) / self.cell) + 3
    let rows = Int(Float(height) / self.cell) + 3
    values = (0..<columns * rows).map { _ in Float(random.uniform()) - 0.5 }
  }

  /// Calls `use` with the noise of each of the first `count` pixels of a row.
  func row(_ y: Int, count: Int, _ use: (Int, Float) -> Void) {
    let down = Float(y) / cell
    let top = Int(down)
    let part = down - Float(top)
    values.withUnsafeBufferPointer { values in
      let above = top * columns
      let below = above + columns
      for x in 0..<max(0, count) {
        let across = Float(x) / cell
        let left = Int(across)
        let share = across - Float(left)
        let upper = values[above + left] * (1 - share) + values[above + left + 1] * share
        let lower = values[below + left] * (1 - share) + values[below + left + 1] * share
        use(x, upper * (1 - part) + lower * part)
      }
    }
  }
}
