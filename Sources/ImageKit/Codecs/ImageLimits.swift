/// What an image from outside may cost; everything above is refused by its header.
public struct ImageLimits: Sendable, Equatable {
  public var maximumBytes: Int
  public var maximumPixels: Int
  /// Of width and height each, in pixels.
  public var maximumSide: Int

  public static let standard = ImageLimits(
    maximumBytes: 64 << 20, maximumPixels: 100_000_000, maximumSide: 32_768)

  public init(maximumBytes: Int, maximumPixels: Int, maximumSide: Int) {
    self.maximumBytes = maximumBytes
    self.maximumPixels = maximumPixels
    self.maximumSide = maximumSide
  }

  func check(byteCount: Int) throws(ImageFault) {
    guard byteCount <= maximumBytes else {
      throw .tooLarge(measure: .bytes, found: byteCount, limit: maximumBytes)
    }
  }

  /// Both at most 2^32, so that the product cannot overflow.
  func check(width: Int, height: Int) throws(ImageFault) {
    let side = max(width, height)
    guard side <= maximumSide else {
      throw .tooLarge(measure: .side, found: side, limit: maximumSide)
    }
    guard width * height <= maximumPixels else {
      throw .tooLarge(measure: .pixels, found: width * height, limit: maximumPixels)
    }
  }
}
