/// JPEG and PNG bytes from outside made grey images, or refused.
public enum ImageDecoder {
  /// Reads the header only: its cost does not depend on the number of pixels.
  /// - Throws: any fault the header shows, limits included.
  public static func header(
    of bytes: [UInt8], limits: ImageLimits = .standard
  ) throws(ImageFault) -> ImageHeader {
    try limits.check(byteCount: bytes.count)
    let header =
      switch try ImageFormat(of: bytes) {
      case .jpeg: try JPEGDecoder().header(of: bytes)
      case .png: try PNGChunks.header(of: bytes)
      }
    try limits.check(width: header.width, height: header.height)
    return header
  }

  /// Decodes the whole image: EXIF orientation applied, colours weighed to grey, transparency laid on white.
  /// - Parameter shrinkTo: when given, the longer side of the result is at most this many pixels. A JPEG is then
  ///   decoded at a fraction of its size, which costs less time and memory.
  /// - Throws: `ImageFault`; an image with a part missing is `damaged`, never silently grey.
  public static func grey(
    _ bytes: [UInt8], limits: ImageLimits = .standard, shrinkTo maximumSide: Int? = nil
  ) throws(ImageFault) -> DecodedImage {
    let header = try header(of: bytes, limits: limits)
    let target = max(1, maximumSide ?? max(header.width, header.height))
    let stored =
      switch header.format {
      case .jpeg: try JPEGDecoder().grey(bytes, longerSide: target)
      case .png: try PNGCodec.grey(bytes)
      }
    let image = stored.shrunk(longerSide: target).upright(from: header.orientation)
    let factor = Double(max(header.width, header.height)) / Double(max(image.width, image.height))
    return DecodedImage(image: image, header: header, shrinkFactor: factor)
  }
}
