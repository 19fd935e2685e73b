import HostKit
public import ImageKit

/// The picture of one word, and what it says.
public struct SyntheticWord: Sendable, Equatable {
  public let text: String
  public let image: GreyImage
  /// The name of the font that stands for the writer.
  public let font: String
}

/// An endless source of handwritten words: grey crops, at most 64 pixels high, tight around the ink, as dark and light,
/// clean and dirty as crops of scans and photographs are.
///
/// A word depends on the seed, its index, the fonts and the texts, on nothing else: any number of threads may ask for
/// words in any order and get the same pixels.
public struct WordSynthesizer: Sendable {
  /// Of a crop, in pixels: that of the real crops one trains on.
  public static let maximumHeight = 64
  static let maximumWidth = 1000

  let fonts: FontChoice
  let texts: WordTexts

  /// Reads the fonts of `folder` (nil: the handwriting fonts of the system) for these texts.
  public init(fontsIn folder: String? = nil, texts: WordTexts) throws {
    try self.init(fonts: try FontFolder.fonts(in: folder, alphabet: texts.alphabet), texts: texts)
  }

  /// - Throws: when none of the texts can be written with these fonts.
  public init(fonts: [HandwritingFont], texts: WordTexts) throws {
    let choice = FontChoice(fonts)
    self.fonts = choice
    do {
      self.texts = try texts.keeping { choice.canWrite($0) }
    } catch {
      throw SynthesisError(
        .noGlyphs, "texts: none of the words can be written with the \(fonts.count) fonts; use other fonts or words")
    }
  }

  /// Word number `index` of the endless row that `seed` stands for.
  public func word(seed: UInt64, index: Int) throws(SynthesisError) -> SyntheticWord {
    var random = SeededRandom(seed: seed, stream: UInt64(bitPattern: Int64(index)))
    let (text, font) = try text(using: &random)
    return try draw(text, font: font, using: &random)
  }

  /// A picture of a text of your own.
  /// - Throws: when no font has all its characters.
  public func word(saying text: String, seed: UInt64) throws(SynthesisError) -> SyntheticWord {
    var random = SeededRandom(seed: seed)
    guard text.count <= WordTexts.maximumLength, let font = fonts.font(for: text, using: &random) else {
      throw SynthesisError(
        .noGlyphs,
        "\"\(text)\": it is longer than \(WordTexts.maximumLength) characters, or no font has all of them")
    }
    return try draw(text, font: font, using: &random)
  }

  /// A text and a font that can write it.
  func text(using random: inout SeededRandom) throws(SynthesisError) -> (String, HandwritingFont) {
    let text = texts.text(using: &random)
    if let font = fonts.font(for: text, using: &random) { return (text, font) }
    // Capitals or signs of a rare script may be missing; every word as it stands can be written.
    let plain = texts.word(using: &random)
    guard let font = fonts.font(for: plain, using: &random) else {
      throw SynthesisError(.noGlyphs, "\"\(plain)\": no font has all its characters")
    }
    return (plain, font)
  }

  private func draw(
    _ text: String, font: HandwritingFont, using random: inout SeededRandom
  ) throws(SynthesisError) -> SyntheticWord {
    let hand = Hand(using: &random)
    var shape = WordShape(text, font: font, hand: hand, using: &random)
    shape.turn(slope: 0.06 * random.bell())
    let crop = CropPlace(shape, using: &random)
    let paper = Paper(using: &random)
    let ink = Ink(using: &random)
    let strokes = try crop.strokes(of: shape, neighbour: neighbour(font, hand, using: &random), using: &random)

    var picture = Picture(width: crop.width, height: crop.height, paper: paper, using: &random)
    if paper.ruling != .none {
      let rules = try crop.rules(paper.ruling, using: &random)
      picture.lay(rules, x: 0, y: 0, ink: Ink(printed: paper.rulingStrength), using: &random)
    }
    picture.lay(strokes, x: 0, y: 0, ink: ink, using: &random)
    picture.blur(ink.blur)
    let image = picture.finished(grain: paper.grain, using: &random)
    return SyntheticWord(text: text, image: image, font: font.name)
  }

  /// What at times reaches into the crop from the line above or below.
  private func neighbour(_ font: HandwritingFont, _ hand: Hand, using random: inout SeededRandom) -> WordShape? {
    guard random.chance(0.08) else { return nil }
    let text = texts.word(using: &random)
    return font.canWrite(text) ? WordShape(text, font: font, hand: hand, using: &random) : nil
  }
}
