import HostKit
import ImageKit

/// Pictures made for tests.
enum Drawings {
  /// Each pixel's shade from its place.
  static func image(_ width: Int, _ height: Int, _ shade: (Int, Int) -> Int) -> GreyImage {
    var pixels: [UInt8] = []
    for y in 0..<height { for x in 0..<width { pixels.append(UInt8(min(255, max(0, shade(x, y))))) } }
    return GreyImage(width: width, height: height, pixels: pixels)
  }

  /// Smooth, so that a JPEG keeps it, and different in all four corners.
  static func slope(_ width: Int, _ height: Int) -> GreyImage {
    image(width, height) { x, y in 40 + 120 * x / width + 70 * y / height }
  }

  static func ink(_ width: Int, _ height: Int, _ strength: (Int, Int) -> Int) -> InkImage {
    InkImage(width: width, height: height, pixels: image(width, height, strength).pixels)
  }

  static func noise(_ width: Int, _ height: Int, seed: UInt64) -> InkImage {
    var random = SeededRandom(seed: seed)
    return ink(width, height) { _, _ in Int.random(in: 0...255, using: &random) }
  }

  /// A few strokes: bars of 5 pixels with gaps of 11.
  static func bars(_ width: Int, _ height: Int) -> InkImage {
    ink(width, height) { x, y in x % 16 < 5 && y > height / 8 && y < height * 7 / 8 ? 255 : 0 }
  }

  /// The largest difference between two images of one size.
  static func difference(_ one: GreyImage, _ other: GreyImage) -> Int {
    guard one.width == other.width, one.height == other.height else { return .max }
    return zip(one.pixels, other.pixels).map { abs(Int($0) - Int($1)) }.max() ?? 0
  }
}
