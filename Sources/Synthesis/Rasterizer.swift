import CFreeType
import ImageKit

/// Fills polygons with FreeType's smooth rasterizer. One thread at a time may use one; making it takes microseconds.
struct Rasterizer: ~Copyable {
  private let library: FT_Library
  /// FreeType counts points in 16 bits.
  private static let maximumPoints = 30_000
  /// Its rasterizer runs out of its small memory on level lines of about 1,000 pixels: wide images are filled in parts.
  private static let columnWidth = 256

  init() throws(SynthesisError) {
    var opened: FT_Library?
    guard FT_Init_FreeType(&opened) == 0, let opened else {
      throw SynthesisError(.rasterizer, "FreeType cannot be started: memory is used up")
    }
    library = opened
  }

  deinit { FT_Done_FreeType(library) }

  /// How much of each pixel the polygons cover: 0 nothing, 255 all.
  /// - Parameter contours: in pixels, y down; what lies outside is cut off.
  /// - Parameter thickening: how many pixels wider than drawn each stroke becomes (negative: thinner).
  func coverage(
    of contours: [[Point]], width: Int, height: Int, thickening: (x: Double, y: Double)
  ) throws(SynthesisError) -> InkImage {
    var pixels = [UInt8](repeating: 0, count: width * height)
    var outline = FT_Outline()
    let points = contours.reduce(0) { $0 + $1.count }
    guard points > 0, points <= Self.maximumPoints, contours.count <= Self.maximumPoints else {
      return InkImage(width: width, height: height, pixels: pixels)
    }
    guard FT_Outline_New(library, FT_UInt(points), FT_Int(contours.count), &outline) == 0 else {
      throw SynthesisError(.rasterizer, "FreeType has no memory for an outline of \(points) points")
    }
    defer { FT_Outline_Done(library, &outline) }
    fill(&outline, with: contours, height: Double(height))
    if abs(thickening.x) + abs(thickening.y) > 0.02 {
      let strength = (x: FT_Pos(thickening.x * 64), y: FT_Pos(thickening.y * 64))
      FT_Outline_EmboldenXY(&outline, strength.x, strength.y)
      FT_Outline_Translate(&outline, -strength.x / 2, -strength.y / 2)
    }
    for left in stride(from: 0, to: width, by: Self.columnWidth) {
      let columns = min(Self.columnWidth, width - left)
      let code = pixels.withUnsafeMutableBufferPointer { buffer in
        var bitmap = FT_Bitmap()
        bitmap.rows = UInt32(height)
        bitmap.width = UInt32(columns)
        bitmap.pitch = Int32(width)
        bitmap.num_grays = 256
        bitmap.pixel_mode = UInt8(FT_PIXEL_MODE_GRAY.rawValue)
        bitmap.buffer = buffer.baseAddress.map { $0 + left }
        return FT_Outline_Get_Bitmap(library, &outline, &bitmap)
      }
      guard code == 0 else { throw SynthesisError(.rasterizer, "FreeType cannot fill an outline (error \(code))") }
      FT_Outline_Translate(&outline, FT_Pos(-Self.columnWidth * 64), 0)
    }
    return InkImage(width: width, height: height, pixels: pixels)
  }

  /// FreeType's y goes up, in 64ths of a pixel.
  private func fill(_ outline: inout FT_Outline, with contours: [[Point]], height: Double) {
    var index = 0
    for (number, contour) in contours.enumerated() {
      for point in contour {
        outline.points[index] = FT_Vector(x: FT_Pos(point.x * 64), y: FT_Pos((height - point.y) * 64))
        // On the curve.
        outline.tags[index] = 1
        index += 1
      }
      outline.contours[number] = .init(index - 1)
    }
  }
}
