/// What a segmentation network says of a page: two probabilities for each cell of a coarse grid over it.
public struct WordMaps: Sendable, Equatable {
  /// Columns and rows of cells.
  public let width: Int
  public let height: Int
  /// Row by row: the cell lies in the middle of a word. The middle is the word's polygon moved inwards by
  /// `shrink` (see `WordKernel`), so that the middles of neighbours do not touch.
  public var kernel: [Float]
  /// Row by row: the cell lies within a word's polygon.
  public var text: [Float]

  /// - Precondition: both arrays have `width * height` numbers.
  public init(width: Int, height: Int, kernel: [Float], text: [Float]) {
    precondition(kernel.count == width * height && text.count == width * height)
    self.width = width
    self.height = height
    self.kernel = kernel
    self.text = text
  }
}

/// How the middle of a word follows from its polygon (Vatti clipping as in PSENet and DBNet, with a ratio that leaves words
/// of a small height some cells): its edges move inwards by
/// area * (1 - ratio^2) / perimeter.
public enum WordKernel {
  public static let ratio = 0.5

  /// - Returns: by how many pixels the edges of a polygon with this area and perimeter move.
  public static func shrink(area: Double, perimeter: Double) -> Double {
    perimeter > 0 ? area * (1 - ratio * ratio) / perimeter : 0
  }
}
