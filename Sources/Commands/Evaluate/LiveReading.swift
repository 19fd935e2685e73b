import Documents
import Handwriting
import HostKit
import Pages

/// What a worker says of one page of a manifest, asked when it is made.
struct LiveReading {
  private let outcome: Result<ReadPage, any Error>

  /// - Parameter folder: the manifest's, absolute.
  init(_ page: PageAnnotation, folder: String, reader: any ReadingSource) {
    outcome = Result {
      guard case .file(let path) = ImagePlace(source: page.source, folder: folder) else {
        throw PageFailure("the image is in a bucket")
      }
      return try reader.read(Document.open(path: path).page(0))
    }
  }

  /// nil when this page cannot be read.
  /// - Throws: what keeps all pages from being read.
  var page: ReadPage? {
    get throws { try trouble == nil ? outcome.get() : nil }
  }

  /// Why this page cannot be read.
  /// - Throws: what keeps all pages from being read.
  var trouble: String? {
    get throws {
      guard case .failure(let error) = outcome else { return nil }
      switch error {
      case let error as PageFailure: return error.description
      case let error as DocumentFault: return "\(error)"
      case let error as SystemError: return error.reason
      default: throw error
      }
    }
  }
}
