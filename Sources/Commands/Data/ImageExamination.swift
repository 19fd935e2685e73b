import Handwriting
import HostKit
import ImageKit

/// Looks at the images of a manifest: whether they are there, can be decoded by their header, and hold their words.
struct ImageExamination {
  enum Finding: Equatable {
    /// In a bucket.
    case unseen
    /// The upright image's size; the fault is that a word is outside.
    case image(width: Int, height: Int, fault: String?)
    case refused(String)

    var fault: String? {
      switch self {
      case .unseen: nil
      case .image(_, _, let fault): fault
      case .refused(let reason): reason
      }
    }
  }

  /// The manifest's, absolute.
  let folder: String
  /// Enough for a header, also behind a preview image in the EXIF part.
  private static let prefix = 256 << 10

  func finding(for page: PageAnnotation) -> Finding {
    guard case .file(let path) = ImagePlace(source: page.source, folder: folder) else { return .unseen }
    do {
      let header = try header(of: path)
      return .image(width: header.width, height: header.height, fault: wordOutside(page, header))
    } catch let error as SystemError {
      return .refused("the image cannot be read: \(error.reason)")
    } catch {
      return .refused("\(error)")
    }
  }

  static func extent(_ values: [Double]) -> Double { (values.max() ?? 0) - (values.min() ?? 0) }

  private func header(of path: String) throws -> ImageHeader {
    let start = try Files.readPrefix(path, limit: Self.prefix)
    do throws(ImageFault) {
      return try ImageDecoder.header(of: start)
    } catch {
      guard start.count == Self.prefix, case .damaged = error else { throw error }
      return try ImageDecoder.header(of: try Files.read(path, limit: ImageLimits.standard.maximumBytes))
    }
  }

  private func wordOutside(_ page: PageAnnotation, _ header: ImageHeader) -> String? {
    let (width, height) = (Double(header.width), Double(header.height))
    let outside = page.words.enumerated().first { _, word in
      word.polygon.allSatisfy { $0.x < 0 } || word.polygon.allSatisfy { $0.y < 0 }
        || word.polygon.allSatisfy { $0.x > width } || word.polygon.allSatisfy { $0.y > height }
    }
    return outside.map {
      "word \($0.offset) (\"\($0.element.text)\") lies outside of the image of \(header.width) x \(header.height) pixels"
    }
  }
}
