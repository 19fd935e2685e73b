/// A crop's shown part as floats between empty borders, shrunk by averaging where the input is much smaller; what lies
/// outside reads as paper without a test for it.
struct WarpRaster {
  /// One empty row and column before the word, two behind: the last but one may be sampled as the left neighbour.
  private let stride: Int
  private let limitX: Float
  private let limitY: Float
  private let offsetX: Float
  private let offsetY: Float
  private let scaleX: Float
  private let scaleY: Float

  /// Source pixels per input pixel from which on bilinear sampling alone would skip thin strokes.
  private static let sharpest: Float = 1.5

  init(
    of image: InkImage, _ region: SourceRegion, _ plan: WarpPlan, _ tone: InkTone, scratch: inout WarpScratch
  ) {
    func side(_ count: Int, _ scale: Float) -> Int {
      scale * WarpRaster.sharpest < 1 ? max(1, Int((Float(count) * scale).rounded())) : count
    }
    let (width, height) = (side(region.columns.count, plan.scaleX), side(region.rows.count, plan.scaleY))
    stride = width + 3
    (limitX, limitY) = (Float(width + 1), Float(height + 1))
    (scaleX, scaleY) = (Float(width) / Float(region.columns.count), Float(height) / Float(region.rows.count))
    // Pixel centres lie at halves in the crop and at whole numbers here, and the border shifts by one.
    offsetX = 0.5 - Float(region.columns.lowerBound) * scaleX
    offsetY = 0.5 - Float(region.rows.lowerBound) * scaleY
    tone.fillStrengths(&scratch)
    scratch.raster.makeRoom(stride * (height + 3))
    scratch.line.makeRoom(region.columns.count + width)
    copy(image, region, width: width, height: height, &scratch)
  }

  private func copy(
    _ image: InkImage, _ region: SourceRegion, width: Int, height: Int, _ scratch: inout WarpScratch
  ) {
    let isShrunk = width < region.columns.count || height < region.rows.count
    image.pixels.withUnsafeBufferPointer { pixels in
      scratch.raster.withUnsafeMutableBufferPointer { raster in
        scratch.line.withUnsafeMutableBufferPointer { line in
          scratch.strengths.withUnsafeBufferPointer { strengths in
            guard let base = pixels.baseAddress, let raster = raster.baseAddress, let line = line.baseAddress
            else { return }
            clearBorders(raster, width: width, height: height)
            let source = AreaAverage.Source(
              pixels: base + region.rows.lowerBound * image.width + region.columns.lowerBound,
              stride: image.width, width: region.columns.count, height: region.rows.count)
            if isShrunk {
              let means = line + source.width
              AreaAverage.shrink(source, toWidth: width, height: height, row: line, means: means) { y in
                let row = raster + (y + 1) * stride + 1
                for x in 0..<width { row[x] = strengths[Int(min(255, means[x] + 0.5))] }
              }
            } else {
              for y in 0..<height {
                let row = raster + (y + 1) * stride + 1
                let from = source.pixels + y * source.stride
                for x in 0..<width { row[x] = strengths[Int(from[x])] }
              }
            }
          }
        }
      }
    }
  }

  private func clearBorders(_ raster: UnsafeMutablePointer<Float>, width: Int, height: Int) {
    for x in 0..<stride {
      raster[x] = 0
      raster[(height + 1) * stride + x] = 0
      raster[(height + 2) * stride + x] = 0
    }
    for y in 1...height {
      raster[y * stride] = 0
      raster[y * stride + width + 1] = 0
      raster[y * stride + width + 2] = 0
    }
  }

  /// A place in the crop as a place in the raster.
  func place(_ source: (x: Float, y: Float)) -> (x: Float, y: Float) {
    (source.x * scaleX + offsetX, source.y * scaleY + offsetY)
  }

  /// Samples evenly from `from`, the place of the first column, towards `to`, that of the column `ElasticGrid.span`
  /// further on.
  func fill(
    _ row: UnsafeMutablePointer<Float>, _ columns: Range<Int>, from: (x: Float, y: Float),
    to: (x: Float, y: Float), pixels: UnsafePointer<Float>
  ) {
    let (stepX, stepY) = ((to.x - from.x) / Float(ElasticGrid.span), (to.y - from.y) / Float(ElasticGrid.span))
    var (x, y) = from
    for column in columns {
      let (insideX, insideY) = (min(max(x, 0), limitX), min(max(y, 0), limitY))
      let (left, top) = (Int32(insideX), Int32(insideY))
      let (shareX, shareY) = (insideX - Float(left), insideY - Float(top))
      let corner = pixels + (Int(top) &* stride &+ Int(left))
      let upper = corner[0] + shareX * (corner[1] - corner[0])
      let lower = corner[stride] + shareX * (corner[stride &+ 1] - corner[stride])
      row[column] = upper + shareY * (lower - upper)
      x += stepX
      y += stepY
    }
  }
}
