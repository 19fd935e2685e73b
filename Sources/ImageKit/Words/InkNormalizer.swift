/// Grey words (dark on light) made ink: the paper's shade, shadows included, becomes 0, the word's dark strokes 255.
public enum InkNormalizer {
  /// Of the paper's brightness: darkness that counts as ink in full must be at least so much above the paper's noise,
  /// so that an empty crop stays empty.
  private static let leastContrast: Float = 0.16
  /// Of the picture's pixels: the darkest so many are full ink.
  private static let fullInkShare = 0.02
  /// The same of a page, most of which is paper.
  private static let fullInkShareOfPage = 0.005

  /// - Parameter height: a higher word is first shrunk to so many rows, its sides in proportion; nil keeps the size.
  public static func ink(_ word: GreyImage, height: Int? = nil) -> InkImage {
    let image = shrunk(word, height)
    return ink(image, paper: PaperShade(of: image), fullInkShare: fullInkShare)
  }

  /// A page of words, its size kept.
  public static func pageInk(_ page: GreyImage) -> InkImage {
    ink(page, paper: PaperShade(ofPage: page), fullInkShare: fullInkShareOfPage)
  }

  private static func ink(_ image: GreyImage, paper: PaperShade, fullInkShare: Double) -> InkImage {
    var darkness = darkness(of: image, paper)
    let (low, high) = levels(darkness, fullInkShare: fullInkShare)
    var pixels = [UInt8](repeating: 0, count: darkness.count)
    let scale = 255 / (high - low)
    darkness.withUnsafeMutableBufferPointer { darkness in
      pixels.withUnsafeMutableBufferPointer { pixels in
        for index in pixels.indices {
          pixels[index] = UInt8(min(255, max(0, (darkness[index] - low) * scale)) + 0.5)
        }
      }
    }
    return InkImage(width: image.width, height: image.height, pixels: pixels)
  }

  private static func shrunk(_ word: GreyImage, _ height: Int?) -> GreyImage {
    guard let height, height < word.height else { return word }
    let rows = max(1, height)
    return word.shrunk(toWidth: max(1, (word.width * rows + word.height / 2) / word.height), height: rows)
  }

  /// 0 where a pixel is as bright as the paper around it, 1 where it is black; below 0 where it is brighter.
  private static func darkness(of image: GreyImage, _ paper: PaperShade) -> [Float] {
    var darkness = [Float](repeating: 0, count: image.pixels.count)
    darkness.withUnsafeMutableBufferPointer { darkness in
      image.pixels.withUnsafeBufferPointer { pixels in
        for y in 0..<image.height {
          let row = y * image.width
          let line = UnsafeMutableBufferPointer(rebasing: darkness[row..<(row + image.width)])
          paper.fill(line, row: y)
          for x in 0..<image.width { line[x] = (line[x] - Float(pixels[row + x])) / max(8, line[x]) }
        }
      }
    }
    return darkness
  }

  /// The darkness that becomes 0, above the paper's own unevenness, and the one that becomes 255.
  ///
  /// The paper's noise is read off its bright side, where there is no ink: pixels brighter than the paper's shade.
  private static func levels(_ darkness: [Float], fullInkShare: Double) -> (low: Float, high: Float) {
    let bins = 512
    var histogram = [Int](repeating: 0, count: bins)
    histogram.withUnsafeMutableBufferPointer { histogram in
      darkness.withUnsafeBufferPointer { darkness in
        for value in darkness { histogram[Int((min(1, max(-1, value)) + 1) / 2 * Float(bins - 1))] += 1 }
      }
    }
    func value(at share: Double) -> Float {
      let wanted = Int(Double(darkness.count) * share)
      var seen = 0
      for bin in histogram.indices {
        seen += histogram[bin]
        if seen > wanted { return Float(bin) / Float(bins - 1) * 2 - 1 }
      }
      return 1
    }
    let noise = max(0, -value(at: 0.05))
    let low = min(0.02 + 2 * noise, 0.2)
    return (low, max(value(at: 1 - fullInkShare), low + leastContrast))
  }
}
