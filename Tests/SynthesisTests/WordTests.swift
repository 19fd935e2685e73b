import HostKit
import ImageKit
import Testing

@testable import Synthesis

@Suite(.enabled(if: Fonts.areInstalled, Fonts.skipped)) struct WordTests {
  @Test func `a word depends on its seed and index only`() throws {
    let one = try Fonts.synthesizer()
    let other = try Fonts.synthesizer()
    _ = try one.word(seed: 5, index: 1)
    #expect(try one.word(seed: 5, index: 7) == other.word(seed: 5, index: 7))
    #expect(try one.word(seed: 5, index: 7).image != one.word(seed: 6, index: 7).image)
    #expect(try one.word(seed: 5, index: 7).image != one.word(seed: 5, index: 8).image)
  }

  @Test func `words have ink, and are as large as crops`() throws {
    let synthesizer = try Fonts.synthesizer()
    for index in 0..<80 {
      let word = try synthesizer.word(seed: 1, index: index)
      #expect((4...WordSynthesizer.maximumHeight).contains(word.image.height))
      #expect(word.image.width <= WordSynthesizer.maximumWidth)
      let shades = word.image.pixels.sorted()
      let (dark, light) = (Int(shades[shades.count / 50]), Int(shades[shades.count * 4 / 5]))
      #expect(light - dark > 12, "word \(index), \(word.text) in \(word.font): \(dark) on \(light)")
    }
  }

  @Test func `the same letter never looks twice the same`() throws {
    let font = try #require(Fonts.installed.first { $0.canWrite("ee") })
    var random = SeededRandom(seed: 3)
    let hand = Hand(using: &random)
    let shape = WordShape("ee", font: font, hand: hand, using: &random)
    let half = shape.contours.count / 2
    let first = shape.contours[0]
    let second = shape.contours[half]
    let moved = zip(first, second).map { Spot(x: $1.x - $0.x, y: $1.y - $0.y) }
    #expect(moved.contains { abs($0.x - moved[0].x) + abs($0.y - moved[0].y) > 0.01 })
  }

  @Test func `a text of one's own is written`() throws {
    let word = try Fonts.synthesizer().word(saying: "Proof", seed: 2)
    #expect(word.text == "Proof")
  }

  @Test func `a text that no font has is refused`() throws {
    let error = #expect(throws: SynthesisError.self) { try Fonts.synthesizer().word(saying: "Привет", seed: 2) }
    #expect(error?.code == .noGlyphs)
    #expect(error?.description.contains("Привет") == true)
  }

  @Test func `words that no font has are left out of the texts`() throws {
    let texts = try WordTexts(words: ["Привет", "word"])
    let synthesizer = try WordSynthesizer(fonts: Fonts.installed, texts: texts)
    var random = SeededRandom(seed: 1)
    #expect((0..<50).allSatisfy { _ in synthesizer.texts.word(using: &random) == "word" })
  }

  @Test func `texts of which nothing can be written are refused`() throws {
    let texts = try WordTexts(words: ["Привет"])
    let error = #expect(throws: SynthesisError.self) {
      try WordSynthesizer(fonts: Fonts.installed, texts: texts)
    }
    #expect(error?.code == .noGlyphs)
  }
}
