import HostKit
import ImageKit

/// Where a word stands in its crop: the scale, and the place of its start on the line.
struct CropPlace {
  let width: Int
  let height: Int
  /// Pixels per x-height.
  private let scale: Double
  private let startX: Double
  private let lineY: Double

  /// As large as a person may have written it, but not beyond the limits of a crop.
  init(_ shape: WordShape, using random: inout SeededRandom) {
    let margins = (0..<4).map { _ in random.uniform(in: 0...6) }
    let wanted = Double(random.logarithmic(in: 13...34))
    let high = max(0.1, Double(shape.top - shape.bottom))
    let wide = max(0.1, Double(shape.right - shape.left))
    let room = (
      high: Double(WordSynthesizer.maximumHeight - 1) - margins[0] - margins[1],
      wide: Double(WordSynthesizer.maximumWidth - 1) - margins[2] - margins[3]
    )
    scale = min(wanted, room.high / high, room.wide / wide)
    width = max(4, Int((wide * scale + margins[2] + margins[3]).rounded(.up)))
    height = max(4, Int((high * scale + margins[0] + margins[1]).rounded(.up)))
    startX = margins[2] - Double(shape.left) * scale
    lineY = margins[0] + Double(shape.top) * scale
  }

  /// The word's ink, with that of a neighbour where there is one.
  func strokes(
    of shape: WordShape, neighbour: WordShape?, using random: inout SeededRandom
  ) throws(SynthesisError) -> InkImage {
    var contours = placed(shape, x: startX, y: lineY)
    if let neighbour {
      let distance = scale * random.uniform(in: 2.6...3.4) * (random.chance(0.5) ? 1 : -1)
      contours += placed(neighbour, x: random.uniform(in: -0.3...0.7) * Double(width), y: lineY + distance)
    }
    return try Rasterizer().coverage(
      of: contours, width: width, height: height, thickening: shape.thickening(scale: scale))
  }

  /// Printed lines or squares behind the word, where they happen to be.
  func rules(_ ruling: Paper.Ruling, using random: inout SeededRandom) throws(SynthesisError) -> InkImage {
    let distance = scale * random.uniform(in: ruling == .lines ? 2.2...4 : 1...2)
    let thickness = random.uniform(in: 0.6...1.8)
    let slope = random.uniform(in: -0.04...0.04)
    var contours: [[Point]] = []
    var y = lineY + scale * random.uniform(in: 0...0.3) - distance * (lineY / distance).rounded(.up)
    while y < Double(height) + distance {
      let (left, right) = (Point(x: 0, y: y), Point(x: Double(width), y: y + slope * Double(width)))
      contours.append(Stripe.contour(from: left, to: right, thickness: thickness))
      y += distance
    }
    var x = random.uniform(in: 0...distance)
    while ruling == .squares, x < Double(width) + distance {
      let (top, bottom) = (Point(x: x, y: 0), Point(x: x - slope * Double(height), y: Double(height)))
      contours.append(Stripe.contour(from: top, to: bottom, thickness: thickness))
      x += distance
    }
    return try Rasterizer().coverage(of: contours, width: width, height: height, thickening: (0, 0))
  }

  private func placed(_ shape: WordShape, x: Double, y: Double) -> [[Point]] {
    shape.contours.map { contour in
      contour.map { Point(x: x + Double($0.x) * scale, y: y - Double($0.y) * scale) }
    }
  }
}

/// A straight line with a thickness.
enum Stripe {
  static func contour(from: Point, to: Point, thickness: Double) -> [Point] {
    let (x, y) = (to.x - from.x, to.y - from.y)
    let length = max(1e-6, (x * x + y * y).squareRoot())
    let (sideX, sideY) = (-y / length * thickness / 2, x / length * thickness / 2)
    return [
      Point(x: from.x + sideX, y: from.y + sideY), Point(x: to.x + sideX, y: to.y + sideY),
      Point(x: to.x - sideX, y: to.y - sideY), Point(x: from.x - sideX, y: from.y - sideY),
    ]
  }
}
