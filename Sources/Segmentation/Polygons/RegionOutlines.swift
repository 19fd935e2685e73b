import ImageKit

/// Where the labelled pieces of a map end, as few points each: what a hull or a rectangle around them needs.
///
/// Of each row and column only the two outermost ends of a piece are kept, so a piece has no more points than twice the
/// rows and columns it touches, however ragged it is, and the hull around them is that of all its cells.
struct RegionOutlines {
  /// By number of the piece (0 is nothing). In cells: the middle of the first cell is (0.5, 0.5).
  private(set) var points: [[Point]]
  /// By number of the piece.
  private(set) var spreads: [CellSpread]
  /// By number of the piece: the row or column that was noted last.
  private var lines: [Int]

  /// - Parameters:
  ///   - labels: the number of each cell's piece, or 0.
  ///   - count: the highest number.
  ///   - values: the map that the pieces were cut from at `level`. Between a cell above it and one below the edge lies
  ///     where a straight line from one value to the other crosses the level.
  init(labels: [Int32], count: Int, values: [Float], level: Float, width: Int, height: Int) {
    points = Array(repeating: [], count: count + 1)
    spreads = Array(repeating: CellSpread(), count: count + 1)
    lines = []
    labels.withUnsafeBufferPointer { labels in
      values.withUnsafeBufferPointer { values in
        let rows = CellRuns(labels: labels, values: values, level: level, stride: 1, length: width)
        lines = Array(repeating: -1, count: count + 1)
        for y in 0..<height {
          rows.walk(from: y * width) { run in
            let across = Double(y) + 0.5
            note(run.label, line: y, Point(x: run.first, y: across), Point(x: run.last, y: across))
            spreads[run.label].add(row: y, from: run.start, to: run.end)
          }
        }
        let columns = CellRuns(labels: labels, values: values, level: level, stride: width, length: height)
        lines = Array(repeating: -1, count: count + 1)
        for x in 0..<width {
          columns.walk(from: x) { run in
            let across = Double(x) + 0.5
            note(run.label, line: x, Point(x: across, y: run.first), Point(x: across, y: run.last))
          }
        }
      }
    }
  }

  /// Runs of one line come in order, so a later one only moves the end.
  private mutating func note(_ label: Int, line: Int, _ first: Point, _ last: Point) {
    if lines[label] == line {
      points[label][points[label].count - 1] = last
    } else {
      lines[label] = line
      points[label].append(first)
      points[label].append(last)
    }
  }
}

/// The cells of a row or column that belong to one piece and follow each other.
private struct CellRuns {
  struct Run {
    let label: Int
    /// The first cell, and the one past the last.
    let start: Int
    let end: Int
    /// Where the piece begins and ends between cells.
    let first: Double
    let last: Double
  }

  let labels: UnsafeBufferPointer<Int32>
  let values: UnsafeBufferPointer<Float>
  let level: Float
  let stride: Int
  let length: Int

  func walk(from origin: Int, _ use: (Run) -> Void) {
    var start = 0
    while start < length {
      let cell = origin + start * stride
      let label = labels[cell]
      if label == 0 {
        start += 1
        continue
      }
      var end = start + 1
      while end < length, labels[origin + end * stride] == label { end += 1 }
      let final = origin + (end - 1) * stride
      let before = start > 0 ? overhang(of: cell, towards: cell - stride) : 0.5
      let after = end < length ? overhang(of: final, towards: final + stride) : 0.5
      use(
        Run(
          label: Int(label), start: start, end: end, first: Double(start) + 0.5 - before,
          last: Double(end) - 0.5 + after))
      start = end
    }
  }

  /// How far from the middle of a cell its piece goes on: half a cell towards another piece or where the cell itself is
  /// below the level.
  private func overhang(of cell: Int, towards next: Int) -> Double {
    let (inside, outside) = (values[cell], values[next])
    guard labels[next] == 0, inside > level, outside < level else { return 0.5 }
    return Double((inside - level) / (inside - outside))
  }
}

/// How the cells of a piece lie around their middle.
struct CellSpread {
  private(set) var cells = 0.0
  private var x = 0.0
  private var y = 0.0
  private var xx = 0.0
  private var xy = 0.0
  private var yy = 0.0

  /// The cells from column `start` up to before `end`; each is a square, not a point.
  mutating func add(row: Int, from start: Int, to end: Int) {
    let (left, right, middle) = (Double(start), Double(end), Double(row) + 0.5)
    let count = right - left
    let columns = (right * right - left * left) / 2
    cells += count
    x += columns
    y += middle * count
    xx += (right * right * right - left * left * left) / 3
    xy += columns * middle
    yy += count * (middle * middle + 1.0 / 12)
  }

  /// In cells.
  var middle: Point { cells > 0 ? Point(x: x / cells, y: y / cells) : Point(x: 0, y: 0) }

  /// Mean square distance from the middle along a direction (of length 1) in pixels, for cells of this size.
  func variance(along axis: Point, cellWidth: Double, cellHeight: Double) -> Double {
    guard cells > 0 else { return 0 }
    let (dx, dy) = (axis.x * cellWidth, axis.y * cellHeight)
    let (mx, my) = (x / cells, y / cells)
    return dx * dx * (xx / cells - mx * mx) + 2 * dx * dy * (xy / cells - mx * my) + dy * dy * (yy / cells - my * my)
  }
}
