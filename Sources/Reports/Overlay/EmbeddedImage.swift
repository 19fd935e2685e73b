import HostKit
public import ImageKit

/// A picture inside a document: its bytes in a form that browsers show.
public struct EmbeddedImage: Sendable {
  /// `image/jpeg` or `image/png`.
  let mediaType: String
  let bytes: [UInt8]

  /// As grey JPEG.
  /// - Throws: `notEncoded` for a side beyond JPEG's limit.
  public init(_ image: GreyImage, quality: Int = 75) throws(ImageFault) {
    mediaType = "image/jpeg"
    bytes = try ImageEncoder.jpeg(image, quality: quality)
  }

  /// The bytes of an image file as they are, in colour.
  /// - Returns: nil when the file is not upright as it is stored: viewers do not agree on such files.
  /// - Throws: what the header shows.
  public init?(file bytes: [UInt8]) throws(ImageFault) {
    let header = try ImageDecoder.header(of: bytes)
    guard header.orientation == 1 else { return nil }
    mediaType = header.format == .jpeg ? "image/jpeg" : "image/png"
    self.bytes = bytes
  }

  /// A `data:` address.
  var address: String { "data:\(mediaType);base64,\(Base64.text(bytes))" }
}
