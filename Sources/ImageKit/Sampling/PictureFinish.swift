internal import HostKit

/// Changes made to the sampled picture: bolder strokes, less sharpness, noise. Only the columns that can hold ink are
/// touched.
struct PictureFinish {
  let width: Int
  let height: Int
  let columns: Range<Int>

  func apply(
    to picture: UnsafeMutablePointer<Float>, _ settings: AugmentationSettings, random: inout SeededRandom,
    scratch: inout WarpScratch
  ) {
    if settings.boldProbability > 0, random.chance(settings.boldProbability) {
      let share = Float(random.uniform(in: 0.3...1))
      filter(picture, share, &scratch) { max($0, max(max($1, $2), max($3, $4))) }
    }
    if settings.blurProbability > 0, random.chance(settings.blurProbability) {
      let share = Float(random.uniform(in: 0.3...1))
      filter(picture, share, &scratch) { ($0 * 4 + ($1 + $2 + $3 + $4) * 2) / 12 }
    }
    if settings.noise > 0 {
      addNoise(picture, deviation: Float(random.uniform(in: 0...settings.noise)), &random)
    }
  }

  /// Mixes a share of `change` of each pixel and its four neighbours into the picture. Rows and columns at the rim
  /// count as their own neighbours.
  @inline(__always)
  private func filter(
    _ picture: UnsafeMutablePointer<Float>, _ share: Float, _ scratch: inout WarpScratch,
    change: (Float, Float, Float, Float, Float) -> Float
  ) {
    scratch.plane.makeRoom(width * height)
    scratch.plane.withUnsafeMutableBufferPointer { plane in
      guard let plane = plane.baseAddress else { return }
      plane.update(from: picture, count: width * height)
      let inner = max(1, columns.lowerBound)..<min(width - 1, columns.upperBound)
      for y in 0..<height {
        let here = plane + y * width
        let above = plane + max(0, y - 1) * width
        let below = plane + min(height - 1, y + 1) * width
        let row = picture + y * width
        for x in inner {
          row[x] += share * (change(here[x], above[x], below[x], here[x - 1], here[x + 1]) - here[x])
        }
      }
    }
  }

  /// Four random bytes added up are near enough to a normal distribution.
  private func addNoise(
    _ picture: UnsafeMutablePointer<Float>, deviation: Float, _ random: inout SeededRandom
  ) {
    // The deviation of a byte is sqrt((256 * 256 - 1) / 12) = 73.9, that of four is twice as much.
    let scale = deviation / 147.8
    func sum(_ bits: UInt64) -> Float {
      let pairs = (bits & 0x00FF_00FF) &+ (bits >> 8 & 0x00FF_00FF)
      return Float(Int32(truncatingIfNeeded: (pairs & 0xFFFF) &+ (pairs >> 16 & 0xFFFF))) - 510
    }
    for y in 0..<height {
      let row = picture + y * width
      var x = columns.lowerBound
      while x < columns.upperBound {
        let bits = random.next()
        row[x] = min(1, max(0, row[x] + scale * sum(bits & 0xFFFF_FFFF)))
        if x + 1 < columns.upperBound { row[x + 1] = min(1, max(0, row[x + 1] + scale * sum(bits >> 32))) }
        x += 2
      }
    }
  }
}
