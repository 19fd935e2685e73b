public import ImageKit

/// Many small images side by side on one, for people to look at.
public enum ContactSheet {
  private static let gap = 4
  private static let background: UInt8 = 128

  /// The images in their order, in rows of at most `width` pixels (or of one image that is wider). Whole images only:
  /// those that would go beyond `maximumHeight` are left out.
  public static func image(of images: [GreyImage], width: Int = 1200, maximumHeight: Int = 1600) -> GreyImage {
    var places: [(image: GreyImage, x: Int, y: Int)] = []
    var (x, y, rowHeight, farthest) = (gap, gap, 0, width)
    for image in images {
      if x > gap, x + image.width + gap > width {
        (x, y, rowHeight) = (gap, y + rowHeight + gap, 0)
      }
      guard y + image.height + gap <= maximumHeight else { break }
      places.append((image, x, y))
      x += image.width + gap
      rowHeight = max(rowHeight, image.height)
      farthest = max(farthest, x)
    }
    let height = places.map { $0.y + $0.image.height }.max() ?? 0
    var sheet = GreyImage(width: farthest, height: height + gap, shade: background)
    for place in places {
      for row in 0..<place.image.height {
        let from = row * place.image.width
        let to = (place.y + row) * farthest + place.x
        sheet.pixels.replaceSubrange(
          to..<to + place.image.width, with: place.image.pixels[from..<from + place.image.width])
      }
    }
    return sheet
  }
}
