public import ImageKit

/// A page to be written, with what is known of where it comes from.
public struct PrintedPage: Sendable {
  public var page: ReadPage
  /// The image, as the file that is written shall name it; for a manifest relative to the manifest's folder.
  public var source: String
  /// Counted from 1, within its document.
  public var number: Int
  /// The image's file as it came; a PDF takes over an upright JPEG as it stands, in its colours.
  public var imageFile: [UInt8]?
  /// The page as it was looked at, for a PDF when `imageFile` is no upright JPEG. nil: `imageFile` is decoded.
  public var image: GreyImage?

  public init(
    page: ReadPage, source: String, number: Int = 1, imageFile: [UInt8]? = nil,
    image: GreyImage? = nil
  ) {
    self.page = page
    self.source = source
    self.number = number
    self.imageFile = imageFile
    self.image = image
  }
}
