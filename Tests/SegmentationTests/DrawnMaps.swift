import Glibc
import HostKit
import ImageKit

@testable import Segmentation

/// Maps as a good network would give them for known words: probabilities fall off softly at the edges, and there is noise.
struct DrawnMaps {
  let width: Int
  let height: Int
  /// Pixels to a cell.
  let cell: Double
  private(set) var kernel: [Float]
  private(set) var text: [Float]

  init(width: Int, height: Int, cell: Double = 4) {
    self.width = width
    self.height = height
    self.cell = cell
    kernel = [Float](repeating: 0, count: width * height)
    text = kernel
  }

  mutating func add(_ polygon: [Point]) {
    guard let quad = Quad(around: polygon) else { return }
    let outline = Polygon(quad.corners)
    let shrink = WordKernel.shrink(area: outline.area, perimeter: outline.perimeter)
    Self.draw(polygon, into: &text, width: width, height: height, cell: cell)
    Self.draw(quad.grown(by: -shrink).corners, into: &kernel, width: width, height: height, cell: cell)
  }

  /// - Parameters:
  ///   - blur: standard deviation in cells.
  ///   - noise: standard deviation of the logits.
  func maps(blur: Double = 0, noise: Double = 0, seed: UInt64 = 1) -> WordMaps {
    var random = SeededRandom(seed: seed)
    return WordMaps(
      width: width, height: height, kernel: spoilt(kernel, blur: blur, noise: noise, random: &random),
      text: spoilt(text, blur: blur, noise: noise, random: &random))
  }

  private func spoilt(_ map: [Float], blur: Double, noise: Double, random: inout SeededRandom) -> [Float] {
    let soft = blur > 0 ? blurred(map, by: blur) : map
    guard noise > 0 else { return soft }
    return soft.map { value in
      let share = min(0.98, max(0.02, Double(value)))
      // Three evenly spread numbers have a variance of 1.
      let error = random.uniform(in: -1...1) + random.uniform(in: -1...1) + random.uniform(in: -1...1)
      return Float(1 / (1 + exp(-log(share / (1 - share)) - noise * error)))
    }
  }

  private func blurred(_ map: [Float], by sigma: Double) -> [Float] {
    let reach = Int(2.5 * sigma) + 1
    let weights = (-reach...reach).map { Float(exp(-Double($0 * $0) / (2 * sigma * sigma))) }
    let sum = weights.reduce(0, +)
    func along(_ map: [Float], columns: Bool) -> [Float] {
      map.withUnsafeBufferPointer { map in
        (0..<map.count).map { place in
          let (x, y) = (place % width, place / width)
          var value: Float = 0
          for step in -reach...reach {
            let other =
              columns
              ? min(height - 1, max(0, y + step)) * width + x : y * width + min(width - 1, max(0, x + step))
            value += weights[step + reach] * map[other]
          }
          return value / sum
        }
      }
    }
    return along(along(map, columns: false), columns: true)
  }

  /// How much of each cell the polygon covers, from nine places in it.
  private static func draw(_ points: [Point], into map: inout [Float], width: Int, height: Int, cell: Double) {
    let polygon = Polygon(points)
    guard polygon.area > 0 else { return }
    func cells(_ low: Double, _ high: Double, _ count: Int) -> Range<Int> {
      let first = min(count, max(0, Int(low / cell)))
      return first..<max(first, min(count, Int(high / cell) + 1))
    }
    for y in cells(polygon.bounds.top, polygon.bounds.bottom, height) {
      for x in cells(polygon.bounds.left, polygon.bounds.right, width) {
        var hits = 0
        for place in 0..<9 {
          let (right, down) = (Double(place % 3 * 2 + 1) / 6, Double(place / 3 * 2 + 1) / 6)
          hits += polygon.contains(Point(x: (Double(x) + right) * cell, y: (Double(y) + down) * cell)) ? 1 : 0
        }
        map[y * width + x] = max(map[y * width + x], Float(hits) / 9)
      }
    }
  }
}
