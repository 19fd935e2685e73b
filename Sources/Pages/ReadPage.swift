public import ImageKit

/// A page as it was read: its words in reading order.
public struct ReadPage: Sendable, Equatable {
  /// In pixels, of the image as it is looked at (EXIF orientation applied).
  public var width: Int
  public var height: Int
  /// How far the page has to be turned clockwise to be upright: 0, 90, 180 or 270 degrees. Polygons are those of the
  /// page as it came, not turned.
  public var rotation: Int
  /// In reading order; lines and blocks are numbered in that order, from 0, without gaps.
  public var words: [PageWord]

  public init(width: Int, height: Int, rotation: Int = 0, words: [PageWord]) {
    self.width = width
    self.height = height
    self.rotation = rotation
    self.words = words
  }
}

/// One word of a page.
public struct PageWord: Sendable, Equatable {
  /// As in `WordRegion`.
  public var polygon: [Point]
  /// How sure the segmentation is, 0...1.
  public var score: Double
  /// nil while nobody has read it.
  public var text: String?
  /// How sure the recognition is of the text, 0...1.
  public var confidence: Double?
  public var line: Int
  public var block: Int

  public init(
    polygon: [Point], score: Double, text: String? = nil, confidence: Double? = nil, line: Int = 0, block: Int = 0
  ) {
    self.polygon = polygon
    self.score = score
    self.text = text
    self.confidence = confidence
    self.line = line
    self.block = block
  }
}

extension ReadPage {
  /// The words of each line, in order.
  public var lines: [ArraySlice<PageWord>] { Self.runs(of: words[...]) { $0.line } }

  /// The lines of each block, in order.
  public var blocks: [[ArraySlice<PageWord>]] {
    Self.runs(of: words[...]) { $0.block }.map { block in Self.runs(of: block) { $0.line } }
  }

  private static func runs(of words: ArraySlice<PageWord>, by number: (PageWord) -> Int) -> [ArraySlice<PageWord>] {
    var runs: [ArraySlice<PageWord>] = []
    var start = words.startIndex
    for index in words.indices.dropFirst() where number(words[index]) != number(words[index - 1]) {
      runs.append(words[start..<index])
      start = index
    }
    if !words.isEmpty { runs.append(words[start...]) }
    return runs
  }
}
