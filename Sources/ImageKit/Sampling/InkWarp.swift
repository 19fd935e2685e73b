public import HostKit

/// Samples words into the fixed-height input of a recognition network, in one pass from ink to floats.
///
/// Without augmentation the crop's height fills the input but for 2 rows above and below, the width follows in
/// proportion from column 4 on, and is squeezed where it would pass the fourth column from the right.
public struct InkWarp: Sendable, Equatable {
  public let width: Int
  public let height: Int

  /// Empty columns at either side and empty rows above and below, without augmentation.
  public static let sideMargin = 4
  public static let rowMargin = 2

  /// - Precondition: more than the margins in both directions.
  public init(width: Int, height: Int = 48) {
    precondition(width > 2 * InkWarp.sideMargin && height > 2 * InkWarp.rowMargin)
    self.width = width
    self.height = height
  }

  /// The columns that a word takes unsqueezed, margins included: what buckets are chosen by. Slant drawn by the
  /// augmentation asks for up to `shear * height` more; without them the word is squeezed a little more at times.
  public static func contentWidth(of image: InkImage, height: Int = 48) -> Int {
    let rows = height - 2 * rowMargin
    return (image.width * rows + image.height - 1) / image.height + 2 * sideMargin
  }

  /// Writes `height` rows of `width` numbers, 0 paper to 1 full ink; columns beyond the word are 0.
  /// - Precondition: `target` has room for `width * height` numbers.
  public func sample(
    _ image: InkImage, into target: UnsafeMutableBufferPointer<Float>, scratch: inout WarpScratch
  ) {
    var unused = SeededRandom(seed: 0)
    sample(image, into: target, augmentation: .none, random: &unused, scratch: &scratch)
  }

  /// The same with the word changed at random, never more than its settings allow; the same seed gives the same picture.
  public func sample(
    _ image: InkImage, into target: UnsafeMutableBufferPointer<Float>, augmentation: AugmentationSettings,
    random: inout SeededRandom, scratch: inout WarpScratch
  ) {
    precondition(target.count >= width * height)
    guard let picture = target.baseAddress else { return }
    let region = SourceRegion(of: image, jitter: augmentation.edgeJitter, random: &random)
    let plan = WarpPlan(region, width: width, height: height, augmentation, random: &random)
    let tone = InkTone(augmentation, random: &random)
    let raster = WarpRaster(of: image, region, plan, tone, scratch: &scratch)
    let columns = plan.columns
    let grid = ElasticGrid(columns, height: height, reach: augmentation.elastic, random: &random, scratch: &scratch)
    render(raster, plan, grid, into: picture, scratch: scratch)
    let finish = PictureFinish(width: width, height: height, columns: columns)
    finish.apply(to: picture, augmentation, random: &random, scratch: &scratch)
  }

  private func render(
    _ raster: WarpRaster, _ plan: WarpPlan, _ grid: ElasticGrid, into picture: UnsafeMutablePointer<Float>,
    scratch: WarpScratch
  ) {
    scratch.raster.withUnsafeBufferPointer { pixels in
      scratch.nodes.withUnsafeBufferPointer { nodes in
        guard let pixels = pixels.baseAddress else { return }
        for y in 0..<height {
          let row = picture + y * width
          for x in 0..<plan.columns.lowerBound { row[x] = 0 }
          for x in plan.columns.upperBound..<width { row[x] = 0 }
          for segment in grid.segments {
            let (start, end) = grid.ends(of: segment, row: y, nodes: nodes)
            let columns = grid.columns(of: segment)
            let y = Float(y) + 0.5
            let from = raster.place(plan.source(Float(columns.lowerBound) + 0.5 + start.x, y + start.y))
            let to = raster.place(
              plan.source(Float(columns.lowerBound + ElasticGrid.span) + 0.5 + end.x, y + end.y))
            raster.fill(row, columns, from: from, to: to, pixels: pixels)
          }
        }
      }
    }
  }
}
