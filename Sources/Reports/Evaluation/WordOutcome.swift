public import ImageKit

/// One word that did not come out as it should.
public struct WordOutcome: Sendable, Equatable {
  public enum Kind: String, Sendable {
    /// Found at its place, and read as something else.
    case wrong = "Wrong"
    /// There, and not found.
    case missed = "Missed"
    /// Found where there is no word.
    case extra = "False"
  }

  public let kind: Kind
  /// The page's place in the order of adding.
  public let page: Int
  /// As the manifest names the image.
  public let source: String
  /// nil for a false word.
  public let truth: String?
  /// nil for a missed word, and for one that nobody read.
  public let reading: String?
  public let confidence: Double?
  /// Character edits between the two texts.
  public let errors: Int
  /// Of the true word, or of the false one; in pixels of the page.
  public let polygon: [Point]
}
