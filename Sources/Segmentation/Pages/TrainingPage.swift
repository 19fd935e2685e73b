public import Handwriting
public import ImageKit

/// One page to learn from or to be scored on.
public struct TrainingPage: Sendable, Equatable {
  /// Normalised, shrunk to the network's longer side.
  public var ink: InkImage
  /// Pixels of the page as it came to one pixel of `ink`.
  public var scale: Double
  /// As the manifest has them, in pixels of the page as it came.
  public var words: [WordAnnotation]
  /// Where the page comes from, for scores per source.
  public var collection: String?

  public init(ink: InkImage, scale: Double = 1, words: [WordAnnotation], collection: String? = nil) {
    self.ink = ink
    self.scale = scale
    self.words = words
    self.collection = collection
  }

  /// Each word's polygon in pixels of `ink`, and whether it has a text.
  var outlines: [WordOutline] {
    words.map { word in
      WordOutline(
        polygon: word.polygon.map { Point(x: $0.x / scale, y: $0.y / scale) }, isReadable: word.isReadable)
    }
  }
}

/// Where a word is in a picture.
struct WordOutline: Sendable, Equatable {
  var polygon: [Point]
  /// False where there is ink but nobody can say whether it is a word.
  var isReadable: Bool
}
