/// The formats that are read and written.
public enum ImageFormat: String, Sendable, CustomStringConvertible {
  case jpeg = "JPEG"
  case png = "PNG"

  public var description: String { rawValue }

  /// By the first bytes; what the file is called does not matter.
  init(of bytes: [UInt8]) throws(ImageFault) {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) {
      self = .jpeg
    } else if bytes.starts(with: PNGChunks.signature) {
      self = .png
    } else {
      throw .unknownFormat(firstBytes: Array(bytes.prefix(8)))
    }
  }
}

/// What an image says of itself before its pixels are read.
public struct ImageHeader: Sendable, Equatable {
  public let format: ImageFormat
  /// Of the upright image, in pixels.
  public let width: Int
  public let height: Int
  /// EXIF's 1...8: how the stored rows lie; 1 is upright.
  public let orientation: Int

  /// - Parameters: the sides as stored.
  init(format: ImageFormat, storedWidth: Int, storedHeight: Int, orientation: Int) {
    self.format = format
    width = orientation > 4 ? storedHeight : storedWidth
    height = orientation > 4 ? storedWidth : storedHeight
    self.orientation = orientation
  }
}
