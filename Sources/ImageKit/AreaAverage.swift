/// Shrinks a raster by averaging: each new pixel is the mean of the area of old ones under it, so that nothing aliases
/// and no thin stroke is skipped. The factors need not be whole.
enum AreaAverage {
  /// The part of a raster that is shrunk; `stride` pixels lie between the starts of two rows.
  struct Source {
    let pixels: UnsafePointer<UInt8>
    let stride: Int
    let width: Int
    let height: Int
  }

  /// - Parameters:
  ///   - row: room for `source.width` numbers, overwritten.
  ///   - emit: gets each new row (row number, `width` means) once, from top to bottom, in `means`.
  static func shrink(
    _ source: Source, toWidth width: Int, height: Int, row: UnsafeMutablePointer<Float>,
    means: UnsafeMutablePointer<Float>, emit: (Int) -> Void
  ) {
    let rowSpan = Float(source.height) / Float(height)
    for y in 0..<height {
      average(source, from: Float(y) * rowSpan, to: Float(y + 1) * rowSpan, into: row)
      average(row, count: source.width, into: means, count: width)
      emit(y)
    }
  }

  /// The weighted mean of the rows between two heights.
  private static func average(
    _ source: Source, from top: Float, to bottom: Float, into row: UnsafeMutablePointer<Float>
  ) {
    for x in 0..<source.width { row[x] = 0 }
    let share = 1 / (bottom - top)
    let last = min(source.height - 1, Int(bottom))
    for y in min(Int(top), last)...last {
      let weight = (min(bottom, Float(y + 1)) - max(top, Float(y))) * share
      guard weight > 0 else { continue }
      let line = source.pixels + y * source.stride
      for x in 0..<source.width { row[x] += weight * Float(line[x]) }
    }
  }

  private static func average(
    _ row: UnsafeMutablePointer<Float>, count: Int, into means: UnsafeMutablePointer<Float>, count width: Int
  ) {
    let span = Float(count) / Float(width)
    for x in 0..<width {
      let (left, right) = (Float(x) * span, Float(x + 1) * span)
      let last = min(count - 1, Int(right))
      var sum: Float = 0
      for index in min(Int(left), last)...last {
        sum += max(0, min(right, Float(index + 1)) - max(left, Float(index))) * row[index]
      }
      means[x] = sum / span
    }
  }
}

extension GreyImage {
  /// This image with its longer side at most so many pixels; unchanged when it is not longer.
  public func shrunk(longerSide: Int) -> GreyImage {
    let longer = max(width, height)
    guard longer > longerSide, longerSide > 0 else { return self }
    return shrunk(
      toWidth: max(1, (width * longerSide + longer / 2) / longer),
      height: max(1, (height * longerSide + longer / 2) / longer))
  }

  /// The mean of the area under each new pixel.
  /// - Parameters: at least 1; larger sides than the image's are cut to the image's.
  public func shrunk(toWidth newWidth: Int, height newHeight: Int) -> GreyImage {
    let (newWidth, newHeight) = (min(max(1, newWidth), width), min(max(1, newHeight), height))
    guard newWidth < width || newHeight < height else { return self }
    return shrunk(columns: 0..<width, rows: 0..<height, toWidth: newWidth, height: newHeight)
  }

  /// A part of the image, not empty, shrunk alike.
  func shrunk(columns: Range<Int>, rows: Range<Int>, toWidth newWidth: Int, height newHeight: Int) -> GreyImage {
    precondition(0 <= columns.lowerBound && columns.upperBound <= width && !columns.isEmpty)
    precondition(0 <= rows.lowerBound && rows.upperBound <= height && !rows.isEmpty)
    var result = GreyImage(width: newWidth, height: newHeight)
    result.pixels.withUnsafeMutableBufferPointer { target in
      pixels.withUnsafeBufferPointer { source in
        guard let base = source.baseAddress else { return }
        withUnsafeTemporaryAllocation(of: Float.self, capacity: columns.count + newWidth) { room in
          guard let row = room.baseAddress else { return }
          let means = row + columns.count
          let part = AreaAverage.Source(
            pixels: base + rows.lowerBound * width + columns.lowerBound, stride: width,
            width: columns.count, height: rows.count)
          AreaAverage.shrink(part, toWidth: newWidth, height: newHeight, row: row, means: means) { y in
            for x in 0..<newWidth { target[y * newWidth + x] = UInt8(min(255, means[x] + 0.5)) }
          }
        }
      }
    }
    return result
  }
}
