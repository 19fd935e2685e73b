import HostKit
import ImageKit
import Testing

@Suite struct AugmentationTests {
  @Test func `the same seed gives the same pictures and another seed others`() {
    let ink = Drawings.bars(120, 50)
    func pictures(_ seed: UInt64) -> [[Float]] {
      var random = SeededRandom(seed: seed)
      var scratch = WarpScratch()
      return (0..<5).map { _ in sampled(ink, width: 160, .standard, &random, &scratch) }
    }
    let first = pictures(1)
    #expect(first == pictures(1))
    #expect(first != pictures(2))
    #expect(first[0] != first[1])
  }

  @Test func `no settings change nothing`() {
    let ink = Drawings.noise(90, 40, seed: 8)
    var random = SeededRandom(seed: 3)
    var scratch = WarpScratch()
    #expect(sampled(ink, width: 128, .none, &random, &scratch) == sampled(ink, width: 128))
    #expect(random == SeededRandom(seed: 3))
  }

  @Test(arguments: [(120, 50), (20, 64), (700, 40), (2, 2), (1, 300)])
  func `every picture stays within range and its columns`(width: Int, height: Int) {
    let ink = Drawings.noise(width, height, seed: 6)
    let natural = InkWarp.contentWidth(of: ink)
    // 15 % wider, slanted by 0.35 x 48, moved by 2 and bent by 2.
    let farthest = Int(Double(natural) * 1.25) + 17 + 10
    var random = SeededRandom(seed: 12)
    var scratch = WarpScratch()
    for _ in 0..<40 {
      let picture = sampled(ink, width: 160, .standard, &random, &scratch)
      #expect(picture.allSatisfy { 0...1 ~= $0 })
      guard farthest < 160 else { continue }
      for y in 0..<48 { #expect(picture[(y * 160 + farthest)..<(y * 160 + 160)].allSatisfy { $0 == 0 }) }
    }
  }

  @Test func `moving, bending and slanting keep nearly all ink in the picture`() {
    let ink = Drawings.bars(120, 50)
    var settings = AugmentationSettings.standard
    (settings.contrast, settings.gamma, settings.noise) = (1...1, 1...1, 0)
    (settings.stretchX, settings.stretchY, settings.boldProbability) = (0, 0, 0)
    let plain = sampled(ink, width: 160).reduce(0, +)
    var random = SeededRandom(seed: 13)
    var scratch = WarpScratch()
    for _ in 0..<60 {
      let share = sampled(ink, width: 160, settings, &random, &scratch).reduce(0, +) / plain
      #expect(share > 0.75 && share < 1.2)
    }
  }

  @Test func `noise has the deviation asked for`() {
    let ink = Drawings.ink(200, 50) { _, _ in 128 }
    var settings = AugmentationSettings.none
    settings.noise = 0.06
    var random = SeededRandom(seed: 14)
    var scratch = WarpScratch()
    let plain = sampled(ink, width: 160)
    var squares: [Float] = []
    for _ in 0..<60 {
      let picture = sampled(ink, width: 160, settings, &random, &scratch)
      for place in (20 * 160 + 20)..<(20 * 160 + 120) {
        squares.append((picture[place] - plain[place]) * (picture[place] - plain[place]))
      }
    }
    // Evenly drawn up to 0.06: the mean square is a third of its square.
    let mean = squares.reduce(0, +) / Float(squares.count)
    #expect(abs(mean - 0.0012) < 0.0003)
  }

  @Test(arguments: [0.5, 1.1])
  func `contrast multiplies the ink and stops at full`(contrast: Double) {
    let ink = Drawings.ink(80, 44) { x, _ in x < 40 ? 255 : 100 }
    var settings = AugmentationSettings.none
    settings.contrast = contrast...contrast
    var random = SeededRandom(seed: 15)
    var scratch = WarpScratch()
    let picture = sampled(ink, width: 96, settings, &random, &scratch)
    #expect(abs(picture[24 * 96 + 20] - Float(min(1, contrast))) < 1e-3)
    #expect(abs(picture[24 * 96 + 60] - Float(contrast * 100 / 255)) < 1e-3)
  }

  @Test func `bold strokes gain ink and blurred ones keep it`() {
    let ink = Drawings.bars(120, 50)
    let plain = sampled(ink, width: 160).reduce(0, +)
    var random = SeededRandom(seed: 16)
    var scratch = WarpScratch()
    var settings = AugmentationSettings.none
    settings.boldProbability = 1
    #expect(sampled(ink, width: 160, settings, &random, &scratch).reduce(0, +) > plain * 1.05)
    (settings.boldProbability, settings.blurProbability) = (0, 1)
    #expect(abs(sampled(ink, width: 160, settings, &random, &scratch).reduce(0, +) / plain - 1) < 0.02)
  }
}
