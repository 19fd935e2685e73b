public import ImageKit

/// One word to learn from or to be scored on.
public struct WordSample: Sendable, Equatable {
  public var ink: InkImage
  public var text: String
  /// Where the page comes from, for scores per source.
  public var collection: String?

  public init(ink: InkImage, text: String, collection: String? = nil) {
    self.ink = ink
    self.text = text
    self.collection = collection
  }
}
