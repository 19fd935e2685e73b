import Handwriting
import HostKit
import ImageKit
import Reports

/// A page of a manifest made ready to be shown: its image shrunk, its words over it.
struct PageView {
  let page: PageAnnotation
  let overlay: Overlay
  /// nil when there is none to be seen; `trouble` says why.
  let image: GreyImage?
  let trouble: String?

  /// Of the embedded JPEG.
  private static let quality = 70

  /// - Parameter folder: the manifest's, absolute.
  init(_ page: PageAnnotation, folder: String, longerSide: Int) {
    self.page = page
    do {
      guard case .file(let path) = ImagePlace(source: page.source, folder: folder) else {
        throw Failure("show", "the image is in a bucket")
      }
      let bytes = try Files.read(path, limit: ImageLimits.standard.maximumBytes)
      let decoded = try ImageDecoder.grey(bytes, shrinkTo: longerSide)
      overlay = Overlay(page, width: decoded.header.width, height: decoded.header.height)
      image = decoded.image
      trouble = nil
    } catch {
      let size = Self.extent(of: page)
      overlay = Overlay(page, width: size.width, height: size.height)
      image = nil
      trouble = (error as? Failure)?.why ?? (error as? SystemError)?.reason ?? "\(error)"
    }
  }

  func shown() throws(ImageFault) -> ShownPage {
    ShownPage(
      name: page.source, collection: page.collection, overlay: overlay,
      image: try image.map { image throws(ImageFault) in try EmbeddedImage(image, quality: Self.quality) },
      trouble: trouble)
  }

  /// A page without image is as large as its words need.
  private static func extent(of page: PageAnnotation) -> (width: Int, height: Int) {
    let points = page.words.flatMap(\.polygon)
    let (right, bottom) = (points.map(\.x).max() ?? 0, points.map(\.y).max() ?? 0)
    return (Int(max(100, right)) + 10, Int(max(100, bottom)) + 10)
  }
}
