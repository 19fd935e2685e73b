/// An 8-bit colour image to draw into: rows from top to bottom without gaps, red, green and blue of each pixel.
public struct ColourImage: Sendable, Equatable {
  public let width: Int
  public let height: Int
  public var pixels: [UInt8]

  /// A grey image with room for colours.
  public init(_ grey: GreyImage) {
    width = grey.width
    height = grey.height
    pixels = [UInt8](unsafeUninitializedCapacity: grey.pixels.count * 3) { target, count in
      grey.pixels.withUnsafeBufferPointer { source in
        for index in 0..<source.count {
          target[index * 3] = source[index]
          target[index * 3 + 1] = source[index]
          target[index * 3 + 2] = source[index]
        }
      }
      count = grey.pixels.count * 3
    }
  }
}
