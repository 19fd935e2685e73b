/// Areas of any outlines by the even-odd rule. Between two neighbouring heights at which an outline has a corner or a
/// crossing, what is covered are trapezoids: their width half way up times their height is exact.
///
/// There can be as many crossings as pairs of edges, so outlines of many points are measured along a fixed number of
/// level lines instead: work stays linear in the points whatever they look like.
enum PolygonSweep {
  /// Up to how many points, of both outlines together, areas are exact.
  static let exactPoints = 96
  private static let levelLines = 512

  /// What one outline covers, in square pixels.
  static func area(of outline: [Point]) -> Double { measure(edges(of: outline, owner: 0), owners: 1) }

  /// What both outlines cover, in square pixels.
  static func sharedArea(_ one: [Point], _ other: [Point]) -> Double {
    measure(edges(of: one, owner: 0) + edges(of: other, owner: 1), owners: 2)
  }

  /// From its upper end down; level edges bound nothing.
  private struct Edge {
    let top: Point
    let bottom: Point
    let owner: Int

    func x(at y: Double) -> Double { top.x + (y - top.y) / (bottom.y - top.y) * (bottom.x - top.x) }
  }

  private static func edges(of outline: [Point], owner: Int) -> [Edge] {
    var edges: [Edge] = []
    guard var previous = outline.last else { return [] }
    for point in outline {
      if point.y < previous.y { edges.append(Edge(top: point, bottom: previous, owner: owner)) }
      if point.y > previous.y { edges.append(Edge(top: previous, bottom: point, owner: owner)) }
      previous = point
    }
    return edges
  }

  private static func measure(_ edges: [Edge], owners: Int) -> Double {
    let heights = edges.count <= exactPoints ? breaks(of: edges) : levels(of: edges)
    var area = 0.0
    var crossings: [(x: Double, owner: Int)] = []
    for index in heights.indices.dropFirst() where heights[index] > heights[index - 1] {
      let middle = (heights[index] + heights[index - 1]) / 2
      crossings.removeAll(keepingCapacity: true)
      for edge in edges where edge.top.y < middle && middle < edge.bottom.y {
        crossings.append((edge.x(at: middle), edge.owner))
      }
      crossings.sort { $0.x < $1.x }
      area += covered(by: crossings, owners: owners) * (heights[index] - heights[index - 1])
    }
    return area
  }

  /// How much of a level line lies within all outlines.
  private static func covered(by crossings: [(x: Double, owner: Int)], owners: Int) -> Double {
    var isInside = (false, false)
    var length = 0.0
    var previous = 0.0
    for crossing in crossings {
      if isInside.0, isInside.1 || owners == 1 { length += crossing.x - previous }
      if crossing.owner == 0 { isInside.0.toggle() } else { isInside.1.toggle() }
      previous = crossing.x
    }
    return length
  }

  /// The heights of all corners and crossings, from the top.
  private static func breaks(of edges: [Edge]) -> [Double] {
    var heights: [Double] = []
    for (index, edge) in edges.enumerated() {
      heights.append(edge.top.y)
      heights.append(edge.bottom.y)
      for other in edges[(index + 1)...] {
        let top = max(edge.top.y, other.top.y)
        let bottom = min(edge.bottom.y, other.bottom.y)
        guard top < bottom else { continue }
        let (above, below) = (edge.x(at: top) - other.x(at: top), edge.x(at: bottom) - other.x(at: bottom))
        if (above < 0) != (below < 0), above != below {
          heights.append(top + (bottom - top) * above / (above - below))
        }
      }
    }
    return heights.sorted()
  }

  private static func levels(of edges: [Edge]) -> [Double] {
    let top = edges.reduce(Double.infinity) { min($0, $1.top.y) }
    let bottom = edges.reduce(-Double.infinity) { max($0, $1.bottom.y) }
    return (0...levelLines).map { top + (bottom - top) * Double($0) / Double(levelLines) }
  }
}
