/// An 8-bit grey image: rows from top to bottom without gaps, 0 black, 255 white.
public struct GreyImage: Sendable, Equatable {
  public let width: Int
  public let height: Int
  public var pixels: [UInt8]

  /// An image of one shade.
  public init(width: Int, height: Int, shade: UInt8 = 255) {
    self.init(width: width, height: height, pixels: [UInt8](repeating: shade, count: width * height))
  }

  /// - Precondition: `pixels.count == width * height`.
  public init(width: Int, height: Int, pixels: [UInt8]) {
    precondition(width > 0 && height > 0 && pixels.count == width * height)
    self.width = width
    self.height = height
    self.pixels = pixels
  }

  public subscript(x: Int, y: Int) -> UInt8 {
    get { pixels[y * width + x] }
    set { pixels[y * width + x] = newValue }
  }
}
