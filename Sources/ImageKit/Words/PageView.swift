/// The part of a page around a quad, shrunk by a whole factor when the crop is much smaller than the quad: bilinear
/// sampling alone would skip pixels.
struct PageView {
  private let image: GreyImage
  /// The place of the image's top left corner on the page, and page pixels per pixel of the image.
  private let left: Double
  private let top: Double
  private let scaleX: Double
  private let scaleY: Double

  /// - Parameter scale: page pixels per pixel of the crop.
  /// - Returns: nil when the quad's bounding box does not touch the page.
  init?(_ page: GreyImage, around quad: Quad, scale: Double) {
    let (xs, ys) = (quad.corners.map(\.x), quad.corners.map(\.y))
    let columns = PageView.span(xs, limit: page.width)
    let rows = PageView.span(ys, limit: page.height)
    guard let columns, let rows else { return nil }
    let factor = Int(scale)
    guard factor >= 2 else {
      (image, left, top, scaleX, scaleY) = (page, 0, 0, 1, 1)
      return
    }
    image = page.shrunk(
      columns: columns, rows: rows, toWidth: max(1, columns.count / factor), height: max(1, rows.count / factor))
    (left, top) = (Double(columns.lowerBound), Double(rows.lowerBound))
    scaleX = Double(columns.count) / Double(image.width)
    scaleY = Double(rows.count) / Double(image.height)
  }

  private static func span(_ values: [Double], limit: Int) -> Range<Int>? {
    guard let least = values.min(), let most = values.max(), most > 0, least < Double(limit) else { return nil }
    let first = max(0, Int(least) - 2)
    return first..<max(first + 1, min(limit, Int(most) + 3))
  }

  /// Fills each pixel of the crop from the place that `toPage` gives for its centre.
  /// - Returns: one per pixel, whether its place is on the page; where not, the crop is left as it was.
  func sample(into crop: inout GreyImage, through toPage: Homography) -> [Bool] {
    let (width, height) = (crop.width, crop.height)
    var kept = [Bool](repeating: false, count: width * height)
    let m = toPage.elements
    crop.pixels.withUnsafeMutableBufferPointer { target in
      kept.withUnsafeMutableBufferPointer { kept in
        image.pixels.withUnsafeBufferPointer { source in
          m.withUnsafeBufferPointer { m in
            for row in 0..<height {
              let y = Double(row) + 0.5
              for column in 0..<width {
                let x = Double(column) + 0.5
                let weight = m[6] * x + m[7] * y + m[8]
                let pageX = (m[0] * x + m[1] * y + m[2]) / weight
                let pageY = (m[3] * x + m[4] * y + m[5]) / weight
                guard let shade = shade(source, (pageX - left) / scaleX, (pageY - top) / scaleY) else { continue }
                target[row * width + column] = shade
                kept[row * width + column] = true
              }
            }
          }
        }
      }
    }
    return kept
  }

  /// Bilinear; nil outside, also for places that are no numbers.
  private func shade(_ source: UnsafeBufferPointer<UInt8>, _ x: Double, _ y: Double) -> UInt8? {
    guard x >= 0, y >= 0, x <= Double(image.width), y <= Double(image.height) else { return nil }
    let (x, y) = (max(0, x - 0.5), max(0, y - 0.5))
    let (column, row) = (min(Int(x), image.width - 1), min(Int(y), image.height - 1))
    let (right, below) = (min(column + 1, image.width - 1), min(row + 1, image.height - 1))
    let (shareX, shareY) = (x - Double(column), y - Double(row))
    let (upper, lower) = (row * image.width, below * image.width)
    let top = Double(source[upper + column]) * (1 - shareX) + Double(source[upper + right]) * shareX
    let bottom = Double(source[lower + column]) * (1 - shareX) + Double(source[lower + right]) * shareX
    return UInt8(min(255, max(0, top * (1 - shareY) + bottom * shareY + 0.5)))
  }
}
