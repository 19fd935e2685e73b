import Glibc
internal import HostKit

/// The part of the crop that is shown: its bounds may lie inside the image (ink is cut off) or outside (more paper).
struct SourceRegion {
  let left: Float
  let top: Float
  let width: Float
  let height: Float
  /// The image's pixels in it.
  let columns: Range<Int>
  let rows: Range<Int>

  init(of image: InkImage, jitter: Double, random: inout SeededRandom) {
    // Each edge of a tiny or slim crop stays on its own side of the middle.
    let reach = min(jitter * Double(image.height), Double(min(image.width, image.height)) * 0.4)
    func move() -> Float { reach > 0 ? Float(random.uniform(in: -reach...reach)) : 0 }
    (left, top) = (move(), move())
    let (right, bottom) = (Float(image.width) + move(), Float(image.height) + move())
    (width, height) = (right - left, bottom - top)
    columns = SourceRegion.pixels(left, right, image.width)
    rows = SourceRegion.pixels(top, bottom, image.height)
  }

  private static func pixels(_ start: Float, _ end: Float, _ count: Int) -> Range<Int> {
    let first = min(max(0, Int(start.rounded())), count - 1)
    return first..<max(first + 1, min(count, Int(end.rounded())))
  }
}

/// Where each place of the network's input comes from in the crop: an affine map, drawn once per showing.
struct WarpPlan {
  /// Input pixels per source pixel, before slant and rotation.
  let scaleX: Float
  let scaleY: Float
  /// Columns of the input that can hold ink.
  let columns: Range<Int>
  private let centreX: Float
  private let centreY: Float
  private let sourceX: Float
  private let sourceY: Float
  /// From input to source: xx * x + xy * y, yx * x + yy * y.
  private let inverse: (xx: Float, xy: Float, yx: Float, yy: Float)

  init(
    _ region: SourceRegion, width: Int, height: Int, _ settings: AugmentationSettings, random: inout SeededRandom
  ) {
    func draw(_ reach: Double) -> Float { reach > 0 ? Float(random.uniform(in: -reach...reach)) : 0 }
    let fullScale = Float(height - 2 * InkWarp.rowMargin) / region.height
    let squeeze = min(1, Float(width - 2 * InkWarp.sideMargin) / (region.width * fullScale))
    let (scaleX, scaleY) = (
      fullScale * squeeze * (1 + draw(settings.stretchX)), fullScale * (1 + draw(settings.stretchY))
    )
    let slant = draw(settings.shear)
    // The ends of a long word go up and down by 3 pixels at most: its baseline is what the crop was cut along.
    let steepest = Double(6 / (region.width * scaleX)) * 180 / .pi
    let angle = draw(min(settings.rotation, steepest)) * .pi / 180
    let (sine, cosine) = (sinf(angle), cosf(angle))
    // Rotation after slant after scale.
    var map = (
      xx: cosine * scaleX, xy: (cosine * slant - sine) * scaleY,
      yx: sine * scaleX, yy: (sine * slant + cosine) * scaleY
    )
    // What would leave the picture is made smaller.
    let sideMargin: Float = 1
    let wide = abs(map.xx) * region.width + abs(map.xy) * region.height
    let fitX = min(1, (Float(width) - 2 * sideMargin) / wide)
    let high = abs(map.yx) * region.width + abs(map.yy) * region.height
    let fitY = min(1, Float(height) / high)
    map = (map.xx * fitX, map.xy * fitX, map.yx * fitY, map.yy * fitY)
    let free = (x: Float(width) - wide * fitX, y: Float(height) - high * fitY)
    let left = min(max(Float(InkWarp.sideMargin) + draw(settings.shift), sideMargin), free.x - sideMargin)
    let top = min(max(free.y / 2 + draw(settings.shift), 0), free.y)
    centreX = left + wide * fitX / 2
    centreY = top + high * fitY / 2
    sourceX = region.left + region.width / 2
    sourceY = region.top + region.height / 2
    let determinant = map.xx * map.yy - map.xy * map.yx
    inverse = (map.yy / determinant, -map.xy / determinant, -map.yx / determinant, map.xx / determinant)
    (self.scaleX, self.scaleY) = (scaleX * fitX, scaleY * fitY)
    let reach = Float(settings.elastic) + 1
    columns = max(0, Int(left - reach))..<min(width, Int(left + wide * fitX + reach) + 1)
  }

  /// The place in the crop, in pixels, that a place of the input shows.
  func source(_ x: Float, _ y: Float) -> (x: Float, y: Float) {
    let (dx, dy) = (x - centreX, y - centreY)
    return (sourceX + inverse.xx * dx + inverse.xy * dy, sourceY + inverse.yx * dx + inverse.yy * dy)
  }
}
