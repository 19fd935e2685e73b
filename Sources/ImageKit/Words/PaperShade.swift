/// The shade that bare paper has at every place of a picture: a coarse grid of local high percentiles (most of
/// any neighbourhood as high as the word is paper), smooth in between. Shadows and vignettes are in it, strokes are not.
struct PaperShade {
  private let cell: Int
  private let columns: Int
  private let rows: Int
  private var shades: [Float]

  /// Above the median, for a window may be half ink; below the maximum, which is noise or a reflection.
  private static let percentile = 0.8

  /// - Parameter kept: where the picture is to be believed, one per pixel; nil means everywhere.
  init(of image: GreyImage, kept: [Bool]? = nil) {
    self.init(of: image, kept, grid: Grid(cell: max(4, image.height / 6), radius: max(6, image.height / 2)))
  }

  /// The same for a page: windows are some words wide, whatever the page's height.
  init(ofPage page: GreyImage) {
    let scale = max(1, max(page.width, page.height) / 1280)
    self.init(of: page, nil, grid: Grid(cell: 40 * scale, radius: 60 * scale))
  }

  /// Pixels from one measured place to the next, and around each how far is looked.
  private struct Grid {
    let cell: Int
    let radius: Int
  }

  private init(of image: GreyImage, _ kept: [Bool]?, grid: Grid) {
    // Where the light changes, a percentile tells the bright side of its window. What it is off by shows in the picture
    // that has been evened out by the first attempt.
    self.init(measuring: image, kept, grid)
    let level: Float = 200
    let evened = PaperShade(measuring: even(image, level: level), kept, grid)
    for node in shades.indices { shades[node] = min(255, shades[node] * evened.shades[node] / level) }
  }

  private init(measuring image: GreyImage, _ kept: [Bool]?, _ grid: Grid) {
    cell = grid.cell
    columns = image.width / cell + 2
    rows = image.height / cell + 2
    shades = [Float](repeating: 255, count: columns * rows)
    var histogram = Histogram()
    histogram.count(image, kept, centreX: image.width / 2, centreY: image.height / 2, radius: .max / 4)
    let overall = Float(histogram.value(at: PaperShade.percentile) ?? 255)
    for row in 0..<rows {
      for column in 0..<columns {
        histogram.clear()
        histogram.count(
          image, kept, centreX: column * cell, centreY: row * cell, radius: grid.radius)
        shades[row * columns + column] =
          histogram.value(at: PaperShade.percentile).map { Float($0) } ?? overall
      }
    }
    smooth()
  }

  /// The image as it would be on paper of one shade.
  private func even(_ image: GreyImage, level: Float) -> GreyImage {
    var result = image
    var line = [Float](repeating: 0, count: image.width)
    result.pixels.withUnsafeMutableBufferPointer { pixels in
      line.withUnsafeMutableBufferPointer { line in
        for y in 0..<image.height {
          fill(line, row: y)
          let row = y * image.width
          for x in 0..<image.width {
            pixels[row + x] = UInt8(min(255, Float(pixels[row + x]) * level / max(8, line[x])))
          }
        }
      }
    }
    return result
  }

  /// Fills the shades of one row of pixels.
  func fill(_ line: UnsafeMutableBufferPointer<Float>, row y: Int) {
    let place = Float(y) / Float(cell)
    let upper = min(Int(place), rows - 2)
    let weight = place - Float(upper)
    func node(_ column: Int) -> Float {
      let top = shades[upper * columns + column]
      return top + weight * (shades[(upper + 1) * columns + column] - top)
    }
    for column in 0..<(columns - 1) where column * cell < line.count {
      let left = node(column)
      let step = (node(column + 1) - left) / Float(cell)
      for offset in 0..<min(cell, line.count - column * cell) {
        line[column * cell + offset] = left + step * Float(offset)
      }
    }
  }

  /// One pass of the weights 1, 2, 1 each way: neighbouring windows may differ by a step where a shadow ends.
  private mutating func smooth() {
    func pass(_ values: [Float], count: Int, lines: Int, step: Int, lineStep: Int) -> [Float] {
      var result = values
      for line in 0..<lines {
        for index in 0..<count {
          let before = values[line * lineStep + max(0, index - 1) * step]
          let after = values[line * lineStep + min(count - 1, index + 1) * step]
          let place = line * lineStep + index * step
          result[place] = (before + 2 * values[place] + after) / 4
        }
      }
      return result
    }
    shades = pass(shades, count: columns, lines: rows, step: 1, lineStep: columns)
    shades = pass(shades, count: rows, lines: columns, step: columns, lineStep: 1)
  }
}

/// How often each shade occurs in a window.
private struct Histogram {
  private var bins = [Int](repeating: 0, count: 256)
  private var total = 0
  /// A window with fewer believed pixels tells nothing.
  private static let fewest = 8

  mutating func clear() {
    for shade in bins.indices { bins[shade] = 0 }
    total = 0
  }

  /// Counts about 24 pixels each way: a percentile needs no more.
  mutating func count(_ image: GreyImage, _ kept: [Bool]?, centreX: Int, centreY: Int, radius: Int) {
    let columns = max(0, centreX - radius)..<max(1, min(image.width, centreX + radius + 1))
    let rows = max(0, centreY - radius)..<max(1, min(image.height, centreY + radius + 1))
    let columnStep = max(1, columns.count / 24)
    let rowStep = max(1, rows.count / 24)
    image.pixels.withUnsafeBufferPointer { pixels in
      bins.withUnsafeMutableBufferPointer { bins in
        for y in stride(from: rows.lowerBound, to: rows.upperBound, by: rowStep) {
          for x in stride(from: columns.lowerBound, to: columns.upperBound, by: columnStep) {
            let place = y * image.width + x
            guard kept?[place] ?? true else { continue }
            bins[Int(pixels[place])] += 1
            total += 1
          }
        }
      }
    }
  }

  /// The shade that this share of the counted pixels does not exceed.
  func value(at share: Double) -> Int? {
    guard total >= Histogram.fewest else { return nil }
    let wanted = Int(Double(total) * share)
    var seen = 0
    for shade in bins.indices {
      seen += bins[shade]
      if seen > wanted { return shade }
    }
    return 255
  }
}
