import ImageKit

/// What a document from outside may cost, and how its pages are drawn.
public struct DocumentLimits: Sendable, Equatable {
  /// Of a file.
  public var maximumBytes = 512 << 20
  public var maximumPages = 10_000
  /// Of one page, when all of its pixels are held in memory. A PDF's page is drawn coarser instead of being refused.
  public var maximumPixels = 64_000_000
  /// Pixels per inch at which the pages of a PDF are drawn.
  public var dotsPerInch = 200
  /// For drawing one page of a PDF.
  public var secondsPerPage = 60

  public static let standard = DocumentLimits()

  public init() {}

  var image: ImageLimits { .standard }
}

/// Why a document or one of its pages cannot be read: what is in the way and what helps.
public struct DocumentFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String

  init(_ description: String) { self.description = description }

  static func tooLarge(_ limits: DocumentLimits) -> DocumentFault {
    DocumentFault("the file is larger than \(limits.maximumBytes) bytes; part it")
  }
}
