public import ImageKit

/// One image of a manifest with the words that are written on it.
public struct PageAnnotation: Sendable, Equatable {
  /// As the manifest has it: relative to the manifest's folder, absolute, or an s3:// address.
  public var source: String
  public var words: [WordAnnotation]
  /// Where the page comes from (`annotations-metadata.source`), for scores per source.
  public var collection: String?

  public init(source: String, words: [WordAnnotation], collection: String? = nil) {
    self.source = source
    self.words = words
    self.collection = collection
  }
}

/// One word on a page.
public struct WordAnnotation: Sendable, Equatable {
  public var text: String
  /// At least three points, in any order of rotation.
  public var polygon: [Point]
  public var line: Int?
  /// `H` handwritten, `P` printed, or nil where the manifest does not tell.
  public var kind: String?

  public init(text: String, polygon: [Point], line: Int? = nil, kind: String? = nil) {
    self.text = text
    self.polygon = polygon
    self.line = line
    self.kind = kind
  }

  /// False for GNHK's tokens (`%math%`, `%SC%`, `%NA%`): there is ink, but no text to learn.
  public var isReadable: Bool {
    !(text.isEmpty || text.utf8.count >= 3 && text.hasPrefix("%") && text.hasSuffix("%"))
  }
}
