public import ImageKit

/// Where a word stands on a page, before anybody has read it.
public struct WordRegion: Sendable, Equatable {
  /// Clockwise on the page, first the corner that is top left as the word reads. Four corners, or more where four fit
  /// badly; in pixels of the page, within it.
  public var polygon: [Point]
  /// How sure the model is that there is one word, 0...1.
  public var score: Double

  public init(polygon: [Point], score: Double) {
    self.polygon = polygon
    self.score = score
  }
}

/// A loaded segmentation model.
public protocol WordLocaliser: Sendable {
  /// The words of a page (dark ink on light paper, as it was photographed), in no particular order.
  func locate(_ page: GreyImage) throws -> [WordRegion]
}
