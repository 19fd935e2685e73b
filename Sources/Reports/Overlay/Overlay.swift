public import Handwriting
public import ImageKit
public import Pages

/// What is drawn over a page: the words with their texts, whoever wrote or read them.
public struct Overlay: Sendable, Equatable {
  public struct Word: Sendable, Equatable {
    /// In pixels of the whole page; at most `maximumCorners`.
    public var polygon: [Point]
    public var text: String
    /// False where there is ink but nothing to read (GNHK's `%SC%`, or a word that nobody has read).
    public var isReadable: Bool
    public var line: Int?
    /// 0...1; nil where nobody told.
    public var confidence: Double?
  }

  /// Of the whole page, in pixels.
  public var width: Int
  public var height: Int
  /// In reading order as far as it is known.
  public var words: [Word]

  /// An outline of more corners is thinned: it would cost time and show nothing more.
  public static let maximumCorners = 64
  /// Coordinates beyond are a mistake, not a place in an image; such words are left out.
  private static let farthest = 1e6

  /// What a model read. The confidence is that of the text, or of the segmentation while there is no text.
  public init(_ page: ReadPage) {
    width = page.width
    height = page.height
    words = page.words.compactMap { word in
      Self.outline(word.polygon).map {
        Word(
          polygon: $0, text: word.text ?? "", isReadable: word.text?.isEmpty == false, line: word.line,
          confidence: word.confidence ?? word.score)
      }
    }
  }

  /// What a manifest says.
  /// - Parameters: the upright image's sides in pixels.
  public init(_ page: PageAnnotation, width: Int, height: Int) {
    self.width = width
    self.height = height
    words = page.words.compactMap { word in
      Self.outline(word.polygon).map {
        Word(polygon: $0, text: word.text, isReadable: word.isReadable, line: word.line)
      }
    }
  }

  private static func outline(_ polygon: [Point]) -> [Point]? {
    guard polygon.count >= 3, polygon.allSatisfy({ abs($0.x) <= farthest && abs($0.y) <= farthest }) else { return nil }
    guard polygon.count > maximumCorners else { return polygon }
    return (0..<maximumCorners).map { polygon[$0 * polygon.count / maximumCorners] }
  }
}

/// How an overlay looks.
public struct OverlayStyle: Sendable, Equatable {
  public enum Colouring: String, Sendable, CaseIterable {
    /// Each line in another colour than its neighbours.
    case line
    /// From red (unsure) over orange to green (sure); blue where nobody told.
    case confidence
  }

  public var colouring: Colouring
  public var showsTexts: Bool
  /// A thin line from word to word in their order.
  public var showsOrder: Bool

  public init(colouring: Colouring = .line, showsTexts: Bool = true, showsOrder: Bool = false) {
    self.colouring = colouring
    self.showsTexts = showsTexts
    self.showsOrder = showsOrder
  }

  /// All dark enough to be read on paper.
  static let lineColours: [Colour] = [
    0xC2185B, 0x1565C0, 0x2E7D32, 0xD84315, 0x6A1B9A, 0x00796B, 0x8D6300, 0x3949AB,
  ].map { Colour($0) }

  func colour(of word: Overlay.Word) -> Colour {
    switch colouring {
    case .line:
      let line = word.line ?? 1
      return Self.lineColours[((line % 8) + 8) % 8]
    case .confidence:
      guard let confidence = word.confidence else { return Self.lineColours[1] }
      let (low, middle, high) = (Colour(0xC6_1A1A), Colour(0xD9_7A00), Colour(0x1B_7F3B))
      return confidence < 0.75
        ? low.mixed(with: middle, share: (confidence - 0.25) * 2)
        : middle.mixed(with: high, share: (confidence - 0.75) * 5)
    }
  }
}
