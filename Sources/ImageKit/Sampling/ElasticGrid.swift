internal import HostKit

/// A coarse grid whose nodes are moved at random: three rows of nodes, one node every 24 columns. Between nodes the
/// move is linear, so that a row of the input is a chain of straight segments.
struct ElasticGrid {
  /// Columns between two nodes.
  static let span = 24
  private static let rows = 3

  private let first: Int
  private let end: Int
  private let height: Float
  private let perRow: Int

  init(
    _ columns: Range<Int>, height: Int, reach: Double, random: inout SeededRandom, scratch: inout WarpScratch
  ) {
    (first, end) = (columns.lowerBound, columns.upperBound)
    self.height = Float(height)
    perRow = (columns.count + ElasticGrid.span - 1) / ElasticGrid.span + 1
    let count = perRow * ElasticGrid.rows * 2
    scratch.nodes.makeRoom(count)
    for index in 0..<count {
      scratch.nodes[index] = reach > 0 ? Float(random.uniform(in: -reach...reach)) : 0
    }
  }

  var segments: Range<Int> { 0..<(perRow - 1) }

  func columns(of segment: Int) -> Range<Int> {
    let start = first + segment * ElasticGrid.span
    return start..<min(end, start + ElasticGrid.span)
  }

  /// The moves of a segment's two ends, in pixels of the input.
  func ends(
    of segment: Int, row: Int, nodes: UnsafeBufferPointer<Float>
  ) -> (start: (x: Float, y: Float), end: (x: Float, y: Float)) {
    let place = (Float(row) + 0.5) / height * Float(ElasticGrid.rows - 1)
    let upper = min(Int(place), ElasticGrid.rows - 2)
    let weight = place - Float(upper)
    func move(_ node: Int) -> (x: Float, y: Float) {
      let above = (upper * perRow + node) * 2
      let below = above + perRow * 2
      return (
        nodes[above] + weight * (nodes[below] - nodes[above]),
        nodes[above + 1] + weight * (nodes[below + 1] - nodes[above + 1])
      )
    }
    return (move(segment), move(segment + 1))
  }
}
