import HostKit
import ImageKit

/// A word at its place on a sheet.
struct PlacedWord {
  let text: String
  let line: Int
  let shape: WordShape
  /// Where its line begins to be written, on the sheet.
  let start: Point
  /// Radians, clockwise.
  let turn: Double

  /// A spot of the word on the sheet, at this many pixels per x-height.
  func onSheet(_ spot: Spot, scale: Double) -> Point {
    let (x, y) = (Double(spot.x) * scale, -Double(spot.y) * scale)
    let (cosine, sine) = (Double(cosine(Float(turn))), Double(sine(Float(turn))))
    return Point(x: start.x + x * cosine - y * sine, y: start.y + x * sine + y * cosine)
  }

  /// The corners of the box around its ink, clockwise from the top left, with a little air.
  func box(scale: Double) -> [Point] {
    let air: Float = 0.12
    let (left, right, top, bottom) = (shape.left - air, shape.right + air, shape.top + air, shape.bottom - air)
    return [Spot(x: left, y: top), Spot(x: right, y: top), Spot(x: right, y: bottom), Spot(x: left, y: bottom)]
      .map { onSheet($0, scale: scale) }
  }
}

/// How a page is filled: margins, lines and gaps, as one person leaves them.
struct PageLayout {
  /// Pixels per x-height.
  let scale: Double
  let lineDistance: Double
  let firstLine: Double
  let margin: (left: Double, right: Double)
  /// Mean gap between two words, in x-heights.
  private let gap: Double
  private let slope: Double
  private let unevenness: Double

  init(width: Int, using random: inout SeededRandom) {
    let wide = Double(width)
    scale = Double(random.logarithmic(in: 10...21)) * max(0.5, wide / 1000)
    lineDistance = scale * random.uniform(in: 2.9...4.6)
    firstLine = lineDistance * random.uniform(in: 1...2.2)
    margin = (wide * random.uniform(in: 0.03...0.13), wide * random.uniform(in: 0.02...0.1))
    gap = random.uniform(in: 0.55...1.7)
    slope = Double(random.bell()) * 0.014
    unevenness = random.uniform(in: 0.1...1)
  }

  /// Writes line after line until there are `count` words or the sheet is full.
  /// - Parameter next: the next text and its shape.
  func words(
    width: Int, height: Int, count: Int, using random: inout SeededRandom,
    next: (inout SeededRandom) -> (text: String, shape: WordShape)?
  ) -> [PlacedWord] {
    var words: [PlacedWord] = []
    var line = 0
    var y = firstLine
    while words.count < count, y < Double(height) - lineDistance * 0.6 {
      // A paragraph ends now and then; what is left of the line stays empty.
      let end = Double(width) * (random.chance(0.12) ? random.uniform(in: 0.4...0.9) : 1) - margin.right
      let turn = slope + Double(random.bell()) * 0.006 * unevenness
      var x = margin.left + scale * random.uniform(in: 0...1.5) * unevenness
      var misses = 0
      while words.count < count, misses < 3 {
        guard let (text, shape) = next(&random) else { return words }
        let step = Double(shape.right - min(0, shape.left)) * scale
        guard x + step < end else {
          misses += 1
          continue
        }
        let start = Point(
          x: x - Double(min(0, shape.left)) * scale,
          y: y + (x - margin.left) * turn + scale * 0.12 * Double(random.bell()) * unevenness)
        words.append(PlacedWord(text: text, line: line, shape: shape, start: start, turn: turn))
        x += step + scale * gap * random.uniform(in: 0.6...1.5)
      }
      line += 1
      y += lineDistance * (1 + 0.05 * Double(random.bell()) * unevenness)
    }
    return words
  }
}
