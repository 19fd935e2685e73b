import HostKit
import ImageKit
import Testing

/// The rows that a warp writes, over memory that held something else before.
func sampled(_ ink: InkImage, width: Int, height: Int = 48) -> [Float] {
  var scratch = WarpScratch()
  var picture = [Float](repeating: 7, count: width * height)
  picture.withUnsafeMutableBufferPointer {
    InkWarp(width: width, height: height).sample(ink, into: $0, scratch: &scratch)
  }
  return picture
}

func sampled(
  _ ink: InkImage, width: Int, _ settings: AugmentationSettings, _ random: inout SeededRandom,
  _ scratch: inout WarpScratch
) -> [Float] {
  var picture = [Float](repeating: 7, count: width * 48)
  picture.withUnsafeMutableBufferPointer {
    InkWarp(width: width).sample(ink, into: $0, augmentation: settings, random: &random, scratch: &scratch)
  }
  return picture
}

@Suite struct InkWarpTests {
  /// Bilinear sampling written down plainly: outside is paper.
  static func reference(_ ink: InkImage, width: Int, height: Int = 48) -> [Float] {
    func at(_ x: Int, _ y: Int) -> Double {
      0..<ink.width ~= x && 0..<ink.height ~= y ? Double(ink.pixels[y * ink.width + x]) / 255 : 0
    }
    let scaleY = Double(height - 4) / Double(ink.height)
    let scaleX = min(scaleY, Double(width - 8) / Double(ink.width))
    return (0..<(width * height)).map { place in
      let x = (Double(place % width) + 0.5 - 4) / scaleX - 0.5
      let y = (Double(place / width) + 0.5 - 2) / scaleY - 0.5
      let (left, top) = (Int(x.rounded(.down)), Int(y.rounded(.down)))
      let (u, v) = (x - Double(left), y - Double(top))
      let upper = at(left, top) * (1 - u) + at(left + 1, top) * u
      let lower = at(left, top + 1) * (1 - u) + at(left + 1, top + 1) * u
      return Float(upper * (1 - v) + lower * v)
    }
  }

  @Test(arguments: [(100, 44, 160), (100, 60, 96), (31, 20, 128), (170, 44, 160)])
  func `sampling is the plain bilinear one`(width: Int, height: Int, inputWidth: Int) throws {
    let ink = Drawings.noise(width, height, seed: 3)
    let (found, wanted) = (sampled(ink, width: inputWidth), Self.reference(ink, width: inputWidth))
    #expect(try #require(zip(found, wanted).map { abs($0 - $1) }.max()) < 2e-3)
  }

  @Test func `an ink of the input's own size is copied exactly`() {
    let ink = Drawings.noise(60, 44, seed: 5)
    let picture = sampled(ink, width: 80)
    for y in 0..<44 {
      for x in 0..<60 {
        let wanted = Float(ink.pixels[y * 60 + x]) / 255
        #expect(abs(picture[(y + 2) * 80 + x + 4] - wanted) < 1e-4)
      }
    }
  }

  @Test func `fine strokes scaled down are averaged, not skipped`() {
    let ink = Drawings.ink(400, 176) { x, _ in x % 2 * 255 }
    let picture = sampled(ink, width: 160)
    for y in 4..<44 { for x in 8..<100 { #expect(abs(picture[y * 160 + x] - 0.5) < 0.02) } }
  }

  @Test(arguments: [(100, 50), (64, 64), (10, 64), (500, 20)])
  func `the natural width leaves the margins empty and nothing else`(width: Int, height: Int) {
    let ink = Drawings.ink(width, height) { _, _ in 255 }
    let natural = InkWarp.contentWidth(of: ink)
    let picture = sampled(ink, width: natural + 10)
    let middle = picture[(24 * (natural + 10))..<(25 * (natural + 10))]
    #expect(Array(middle.prefix(3)) == [0, 0, 0])
    #expect(middle.dropFirst(natural - 3).allSatisfy { $0 == 0 })
    #expect(middle.contains { $0 > 0.01 })
  }

  @Test func `a word wider than the input is squeezed into it`() {
    let ink = Drawings.ink(900, 40) { x, _ in x < 30 || x >= 870 ? 255 : 0 }
    let row = sampled(ink, width: 128)[(24 * 128)..<(25 * 128)].map { $0 }
    #expect(row[5] > 0.5 && row[122] > 0.5 && row[64] == 0)
    #expect(row[0...2].allSatisfy { $0 == 0 } && row[125...].allSatisfy { $0 == 0 })
  }

  @Test func `scratch memory of another word leaves no trace`() {
    var scratch = WarpScratch()
    var random = SeededRandom(seed: 1)
    _ = sampled(Drawings.noise(300, 90, seed: 2), width: 256, .none, &random, &scratch)
    let ink = Drawings.noise(50, 30, seed: 4)
    #expect(sampled(ink, width: 96, .none, &random, &scratch) == sampled(ink, width: 96))
  }
}
