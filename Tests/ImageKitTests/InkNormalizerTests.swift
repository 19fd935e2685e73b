import HostKit
import ImageKit
import Testing

@Suite struct InkNormalizerTests {
  static func isStroke(_ x: Int, _ y: Int) -> Bool { x % 20 >= 8 && x % 20 < 12 && y > 8 && y < 40 }

  /// Strokes that let through `share` of the paper's light, on paper lit from one side.
  static func word(share: Double, from dark: Int, to light: Int, noise: Int = 0) -> GreyImage {
    var random = SeededRandom(seed: 9)
    return Drawings.image(160, 48) { x, y in
      let paper = dark + (light - dark) * x / 160
      return Int(Double(paper) * (isStroke(x, y) ? share : 1)) + Int.random(in: -noise...noise, using: &random)
    }
  }

  @Test(arguments: [(60, 220), (230, 230), (250, 130), (90, 90)], [0, 4])
  func `strokes come out full and paper empty whatever the light`(light: (Int, Int), noise: Int) {
    let ink = InkNormalizer.ink(Self.word(share: 0.4, from: light.0, to: light.1, noise: noise))
    let places = ink.pixels.indices.map { (stroke: Self.isStroke($0 % 160, $0 / 160), ink: ink.pixels[$0]) }
    let right = places.count { $0.stroke ? $0.ink > 180 : $0.ink < 60 }
    #expect(Double(right) >= 0.99 * Double(places.count))
  }

  @Test func `faint strokes are made as strong as bold ones`() {
    let ink = InkNormalizer.ink(Self.word(share: 0.75, from: 200, to: 200, noise: 2))
    #expect(ink.pixels[20 * ink.width + 30] > 200)
  }

  @Test(arguments: [0, 3, 8])
  func `noise on bare paper is not taken for ink`(noise: Int) {
    let ink = InkNormalizer.ink(Self.word(share: 1, from: 190, to: 210, noise: noise))
    #expect(ink.pixels.count { $0 > 64 } < ink.pixels.count / 100)
  }

  @Test(arguments: [0, 255] as [UInt8])
  func `a picture of one shade is empty`(shade: UInt8) {
    let ink = InkNormalizer.ink(GreyImage(width: 20, height: 20, shade: shade))
    #expect(ink.pixels.allSatisfy { $0 == 0 })
  }

  @Test(arguments: [(1, 1), (1, 64), (300, 1), (3, 2)])
  func `the smallest pictures keep their size`(width: Int, height: Int) {
    let ink = InkNormalizer.ink(Drawings.slope(width, height))
    #expect((ink.width, ink.height) == (width, height))
  }

  @Test func `a higher word is shrunk in proportion and a lower one is left`() {
    let word = Self.word(share: 0.4, from: 200, to: 200)
    let shrunk = InkNormalizer.ink(word, height: 24)
    #expect((shrunk.width, shrunk.height) == (80, 24))
    #expect(InkNormalizer.ink(word, height: 64).height == 48)
  }
}
