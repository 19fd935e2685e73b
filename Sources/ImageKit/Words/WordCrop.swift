/// One word cut out of a page: upright, with nothing of its neighbours.
public enum WordCrop {
  /// No crop is wider, whatever its polygon; such a crop is scaled down as a whole.
  public static let maximumWidth = 4096
  /// Coordinates beyond are a mistake, not a place in an image.
  private static let farthest = 1e6

  /// Cuts the quad around the polygon out of the page and lays it straight. Crops are scaled down, never up. What lies
  /// outside the polygon, or outside the page, gets the shade of the paper beside it.
  /// - Parameters:
  ///   - maximumHeight: pixels.
  ///   - margin: share of the word's height added on each side; the polygon is widened by as much.
  /// - Returns: nil when the polygon spans less than a pixel either way, or lies outside the page.
  public static func cut(
    _ page: GreyImage, _ polygon: [Point], maximumHeight: Int = 64, margin: Double = 0.05
  ) -> GreyImage? {
    guard polygon.allSatisfy({ abs($0.x) <= farthest && abs($0.y) <= farthest }),
      let tight = Quad(around: polygon), tight.width >= 1, tight.height >= 1
    else { return nil }
    let border = min(max(margin, 0), 1) * tight.height
    let quad = tight.grown(by: border)
    let size = size(of: quad, maximumHeight: maximumHeight)
    guard let toPage = Homography(fromWidth: Double(size.width), height: Double(size.height), to: quad),
      let toCrop = Homography(from: quad, toWidth: Double(size.width), height: Double(size.height)),
      let view = PageView(page, around: quad, scale: quad.height / Double(size.height))
    else { return nil }
    var crop = GreyImage(width: size.width, height: size.height)
    var kept = view.sample(into: &crop, through: toPage)
    if polygon.count > 4 {
      let outline = PolygonMask(outline(polygon, through: toCrop), reach: border * Double(size.height) / quad.height)
      outline.clear(&kept, width: size.width)
    }
    guard kept.contains(true) else { return nil }
    if kept.contains(false) { fillWithPaper(&crop, except: kept) }
    return crop
  }

  private static func size(of quad: Quad, maximumHeight: Int) -> (width: Int, height: Int) {
    let scale = min(1, Double(max(1, maximumHeight)) / quad.height, Double(maximumWidth) / quad.width)
    return (max(1, Int((quad.width * scale).rounded())), max(1, Int((quad.height * scale).rounded())))
  }

  /// Every corner matters only up to a pixel, so an outline of very many corners is thinned.
  private static func outline(_ polygon: [Point], through map: Homography) -> [Point] {
    let step = (polygon.count + 255) / 256
    return stride(from: 0, to: polygon.count, by: step).map { map(polygon[$0]) }
  }

  private static func fillWithPaper(_ crop: inout GreyImage, except kept: [Bool]) {
    let paper = PaperShade(of: crop, kept: kept)
    let width = crop.width
    var line = [Float](repeating: 0, count: width)
    for y in 0..<crop.height {
      line.withUnsafeMutableBufferPointer { paper.fill($0, row: y) }
      for x in 0..<width where !kept[y * width + x] {
        crop.pixels[y * width + x] = UInt8(min(255, max(0, line[x] + 0.5)))
      }
    }
  }
}
