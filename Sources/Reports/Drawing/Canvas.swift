import Glibc
public import ImageKit

/// A picture that lines, areas and letters are drawn into. What falls outside is cut off.
public struct Canvas: Sendable {
  public private(set) var image: ColourImage

  /// A white one.
  public init(width: Int, height: Int) { image = ColourImage(GreyImage(width: width, height: height)) }

  /// One with a picture on it.
  public init(on picture: GreyImage) { image = ColourImage(picture) }

  public var width: Int { image.width }
  public var height: Int { image.height }

  /// A smooth line: each pixel gets as much colour as the line covers of it.
  public mutating func line(from start: Point, to end: Point, thickness: Double = 1.6, colour: Colour) {
    let (dx, dy) = (end.x - start.x, end.y - start.y)
    let square = dx * dx + dy * dy
    let reach = thickness / 2 + 1
    guard let rows = Self.range(min(start.y, end.y) - reach, max(start.y, end.y) + reach, limit: height) else { return }
    for y in rows {
      // Of a slanted line only what comes near this row.
      let near = abs(dy) > 1e-9 ? [(Double(y) - reach - start.y) / dy, (Double(y) + reach - start.y) / dy] : [0, 1]
      let ends = near.map { start.x + min(max($0, 0), 1) * dx }
      guard let columns = Self.range(min(ends[0], ends[1]) - reach, max(ends[0], ends[1]) + reach, limit: width)
      else { continue }
      for x in columns {
        let (px, py) = (Double(x) - start.x, Double(y) - start.y)
        let part = square > 0 ? min(max((px * dx + py * dy) / square, 0), 1) : 0
        let distance = hypot(px - part * dx, py - part * dy)
        if distance < reach { paint(x, y, colour, opacity: thickness / 2 + 0.5 - distance) }
      }
    }
  }

  /// The outline of a polygon.
  public mutating func outline(_ corners: [Point], thickness: Double = 1.6, colour: Colour) {
    for (index, corner) in corners.enumerated() {
      line(from: corner, to: corners[(index + 1) % corners.count], thickness: thickness, colour: colour)
    }
  }

  /// A veil of colour over a polygon (even-odd rule).
  public mutating func fill(_ corners: [Point], colour: Colour, opacity: Double) {
    guard let top = corners.map(\.y).min(), let bottom = corners.map(\.y).max(),
      let rows = Self.range(top - 0.5, bottom - 0.5, limit: height)
    else { return }
    for y in rows {
      let middle = Double(y) + 0.5
      let crossings = corners.indices.compactMap { index -> Double? in
        let (a, b) = (corners[index], corners[(index + 1) % corners.count])
        guard (a.y > middle) != (b.y > middle) else { return nil }
        return a.x + (middle - a.y) / (b.y - a.y) * (b.x - a.x)
      }.sorted()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        guard let columns = Self.range(crossings[pair] + 0.5, crossings[pair + 1] - 0.5, limit: width) else { continue }
        for x in columns { paint(x, y, colour, opacity: opacity) }
      }
    }
  }

  /// A rectangle; the right and the lower edge are not part of it.
  public mutating func fill(left: Int, top: Int, width: Int, height: Int, colour: Colour, opacity: Double = 1) {
    let rows = max(0, top)..<max(0, top, min(self.height, top + height))
    let columns = max(0, left)..<max(0, left, min(self.width, left + width))
    for y in rows {
      for x in columns { paint(x, y, colour, opacity: opacity) }
    }
  }

  /// Letters of six by eight pixels times `scale`; `x` and `y` are the left upper corner.
  public mutating func text(_ text: String, x: Int, y: Int, scale: Int = 1, colour: Colour = Colour(grey: 60)) {
    for (index, character) in text.enumerated() {
      let left = x + index * BitmapFont.advance * scale
      guard left < width else { return }
      for (column, bits) in BitmapFont.columns(of: character).enumerated() {
        for row in 0..<(BitmapFont.rise + BitmapFont.height) where bits & (1 << row) != 0 {
          fill(
            left: left + column * scale, top: y + (row - BitmapFont.rise) * scale, width: scale, height: scale,
            colour: colour)
        }
      }
    }
  }

  private mutating func paint(_ x: Int, _ y: Int, _ colour: Colour, opacity: Double) {
    let share = min(max(opacity, 0), 1)
    let place = (y * image.width + x) * 3
    image.pixels.withUnsafeMutableBufferPointer { pixels in
      func mix(_ old: UInt8, _ new: UInt8) -> UInt8 {
        UInt8((Double(old) + (Double(new) - Double(old)) * share).rounded())
      }
      pixels[place] = mix(pixels[place], colour.red)
      pixels[place + 1] = mix(pixels[place + 1], colour.green)
      pixels[place + 2] = mix(pixels[place + 2], colour.blue)
    }
  }

  /// The whole numbers from one bound to the other that lie in 0..<limit; nil for none, also for bounds that are no
  /// numbers.
  private static func range(_ low: Double, _ high: Double, limit: Int) -> ClosedRange<Int>? {
    let first = max(low.rounded(.down), 0)
    let last = min(high.rounded(.up), Double(limit - 1))
    return first <= last ? Int(first)...Int(last) : nil
  }
}
