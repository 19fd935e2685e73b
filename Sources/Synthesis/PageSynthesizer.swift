public import Handwriting
import HostKit
public import ImageKit

/// The picture of one page, and where which word is on it.
public struct SyntheticPage: Sendable, Equatable {
  public let image: GreyImage
  /// In the order of writing. Each polygon has four corners, clockwise from the top left, inside the image, and all of
  /// its word's ink.
  public let words: [WordAnnotation]
  /// The name of the font that stands for the writer.
  public let font: String
}

/// An endless source of handwritten pages in one hand each: lines of words on plain, ruled or squared paper, lit and
/// seen as by a camera. Like `WordSynthesizer`, the same for a seed and an index whoever asks.
public struct PageSynthesizer: Sendable {
  /// How many words a page is begun for; large letters may fill the sheet with fewer.
  public static let wordCounts = 20...120

  private static let heightShares = 0.65...1.5

  private let words: WordSynthesizer
  private let widths: ClosedRange<Int>

  /// - Parameter widths: of the images, in pixels; a page is 0.65 to 1.5 times as high.
  public init(words: WordSynthesizer, widths: ClosedRange<Int> = 850...1250) throws(SynthesisError) {
    guard widths.lowerBound >= 200, widths.upperBound <= 4000 else {
      throw SynthesisError(.impossibleSize, "pages of \(widths) pixels: give widths of 200 to 4000")
    }
    self.words = words
    self.widths = widths
  }

  /// Page number `index` of the endless row that `seed` stands for.
  public func page(seed: UInt64, index: Int) throws(SynthesisError) -> SyntheticPage {
    // Streams of pages count down from the top, those of words up from 0.
    var random = SeededRandom(seed: seed, stream: ~UInt64(bitPattern: Int64(index)))
    let width = random.integer(in: widths)
    let fullHeight = Int(Double(width) * random.uniform(in: Self.heightShares))
    let layout = PageLayout(width: width, using: &random)
    let (first, font) = try words.text(using: &random)
    let hand = Hand(using: &random)
    let isShouting = font.hasCapitalsOnly || first.count > 3 && first == first.uppercased() && random.chance(0.5)
    let placed = layout.words(
      width: width, height: fullHeight, count: random.integer(in: Self.wordCounts), using: &random
    ) { random in
      guard let text = text(for: font, capitals: isShouting, using: &random) else { return nil }
      return (text, WordShape(text, font: font, hand: hand.varied(using: &random), using: &random))
    }
    // Most pages end soon after the last line.
    let end = Int((placed.map(\.start.y).max() ?? 0) + layout.lineDistance * random.uniform(in: 1...2.5))
    let least = Int(Double(width) * Self.heightShares.lowerBound)
    let height = random.chance(0.8) ? min(fullHeight, max(end, least)) : fullHeight
    let sheet = try Sheet(width: width, height: height, using: &random)
    return try draw(placed, on: sheet, layout: layout, font: font, using: &random)
  }

  private func text(for font: HandwritingFont, capitals: Bool, using random: inout SeededRandom) -> String? {
    for _ in 0..<30 {
      let text = words.texts.text(using: &random)
      let written = capitals ? text.uppercased() : text
      if written.count <= WordTexts.maximumLength, font.canWrite(written) { return written }
    }
    return nil
  }

  private func draw(
    _ placed: [PlacedWord], on sheet: Sheet, layout: PageLayout, font: HandwritingFont,
    using random: inout SeededRandom
  ) throws(SynthesisError) -> SyntheticPage {
    let paper = Paper(using: &random)
    let ink = Ink(using: &random)
    let rasterizer = try Rasterizer()
    var picture = Picture(width: sheet.width, height: sheet.height, paper: paper, using: &random)
    if paper.ruling != .none {
      let rules = sheet.rules(
        paper.ruling, first: layout.firstLine + layout.scale * 0.2, distance: layout.lineDistance,
        thickness: random.uniform(in: 0.7...1.8))
      let lines = try rasterizer.coverage(
        of: rules, width: sheet.width, height: sheet.height, thickening: (0, 0))
      picture.lay(lines, x: 0, y: 0, ink: Ink(printed: paper.rulingStrength), using: &random)
    }
    if sheet.showsTable { try addTable(to: &picture, around: sheet, rasterizer, using: &random) }

    var annotations: [WordAnnotation] = []
    for word in placed {
      guard let polygon = sheet.seen(word.box(scale: layout.scale)) else { continue }
      try write(word, on: sheet, scale: layout.scale, in: ink, into: &picture, rasterizer, using: &random)
      annotations.append(WordAnnotation(text: word.text, polygon: polygon, line: word.line, kind: "H"))
    }
    if random.chance(0.35) { picture.castShadow(using: &random) }
    picture.blur(ink.blur)
    return SyntheticPage(
      image: picture.finished(grain: paper.grain, using: &random), words: annotations, font: font.name)
  }

  private func write(
    _ word: PlacedWord, on sheet: Sheet, scale: Double, in ink: Ink, into picture: inout Picture,
    _ rasterizer: borrowing Rasterizer, using random: inout SeededRandom
  ) throws(SynthesisError) {
    let contours = word.shape.contours.map { $0.map { sheet.view(word.onSheet($0, scale: scale)) } }
    let spots = contours.joined()
    guard let left = spots.lazy.map(\.x).min(), let right = spots.lazy.map(\.x).max(),
      let top = spots.lazy.map(\.y).min(), let bottom = spots.lazy.map(\.y).max()
    else { return }
    let air = 4 + Int(scale * 0.3)
    let (x, y) = (Int(left) - air, Int(top) - air)
    let shifted = contours.map { $0.map { Point(x: $0.x - Double(x), y: $0.y - Double(y)) } }
    let coverage = try rasterizer.coverage(
      of: shifted, width: Int(right) + air - x, height: Int(bottom) + air - y,
      thickening: word.shape.thickening(scale: scale))
    picture.lay(coverage, x: x, y: y, ink: ink, using: &random)
  }

  private func addTable(
    to picture: inout Picture, around sheet: Sheet, _ rasterizer: borrowing Rasterizer,
    using random: inout SeededRandom
  ) throws(SynthesisError) {
    let paper = try rasterizer.coverage(
      of: [sheet.outline.corners], width: sheet.width, height: sheet.height, thickening: (0, 0))
    var table = Paper(using: &random)
    table.shade = random.float(in: 20...130)
    let underneath = Picture(width: sheet.width, height: sheet.height, paper: table, using: &random)
    picture.putOver(underneath, where: paper)
  }
}
