import Glibc
import ImageKit

/// Where the text of a word is written: above its upper edge, along it, no longer than it.
struct TextPlace: Equatable {
  /// The start of the base line, in pixels of the page.
  let x: Double
  let y: Double
  /// Degrees, clockwise.
  let angle: Double
  /// Height of the letters.
  let size: Double
  /// The room along the word.
  let length: Double

  /// nil for a polygon without an area.
  init?(above polygon: [Point], usual: Double) {
    guard let quad = Quad(around: polygon) else { return nil }
    let (dx, dy) = (quad.topRight.x - quad.topLeft.x, quad.topRight.y - quad.topLeft.y)
    let edge = hypot(dx, dy)
    guard edge > 0 else { return nil }
    size = min(max(quad.height * 0.42, usual * 0.75), usual * 1.35)
    angle = atan2(dy, dx) * 180 / .pi
    length = edge
    let lift = size * 0.12
    x = quad.topLeft.x + dy / edge * lift
    y = quad.topLeft.y - dx / edge * lift
  }

  /// How long a text is in the usual fonts, about.
  static func length(of text: String, size: Double) -> Double { Double(text.count) * size * 0.56 }

  /// The height of letters that suits most words of a page: four tenths of the middle word.
  static func usualSize(in overlay: Overlay) -> Double {
    let heights = overlay.words.compactMap { Quad(around: $0.polygon)?.height }.sorted()
    let smallest = Double(max(overlay.width, overlay.height)) / 150
    return max(smallest, heights.isEmpty ? 0 : heights[heights.count / 2] * 0.4)
  }
}
