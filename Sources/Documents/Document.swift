import HostKit
import ImageKit

/// A file of pages, whose pages become images one at a time.
///
/// What a file is its first bytes tell, not its name. A page that cannot be made an image is a fault of that page: the
/// others can still be had. Several threads may ask for pages at once.
public struct Document: Sendable {
  public enum Kind: String, Sendable {
    case jpeg = "JPEG"
    case png = "PNG"
    case tiff = "TIFF"
    case pdf = "PDF"
  }

  public let kind: Kind
  /// At least 1.
  public let pageCount: Int
  private let source: any PageImages

  /// Opens a file.
  /// - Throws: what keeps all of its pages from being read; `SystemError` when there is no such file to read.
  public static func open(path: String, limits: DocumentLimits = .standard) throws -> Document {
    if let status = try Files.status(Files.realPath(path) ?? path), status.kind != .file {
      throw DocumentFault("it is \(status.kind == .folder ? "a folder" : "not a file"), not a document")
    }
    let start = try Files.readPrefix(path, limit: firstBytes)
    let kind = try kind(of: start)
    if kind == .pdf { return try Document(.pdf, PDFPages(path: path, limits: limits)) }
    return try Document(kind, bytes: try readWhole(path, limits: limits), limits: limits)
  }

  /// Opens what was read already, for instance from standard input.
  public static func open(bytes: [UInt8], limits: DocumentLimits = .standard) throws -> Document {
    guard bytes.count <= limits.maximumBytes else { throw DocumentFault.tooLarge(limits) }
    return try Document(try kind(of: bytes), bytes: bytes, limits: limits)
  }

  private init(_ kind: Kind, bytes: [UInt8], limits: DocumentLimits) throws {
    switch kind {
    case .jpeg, .png: self.init(kind, OneImage(bytes: bytes, limits: limits))
    case .tiff: self.init(kind, try TIFFPages(bytes: bytes, limits: limits))
    case .pdf: self.init(kind, try PDFPages(bytes: bytes, limits: limits))
    }
  }

  private init(_ kind: Kind, _ source: any PageImages) {
    self.kind = kind
    self.source = source
    pageCount = source.count
  }

  /// The page as an image.
  /// - Parameter index: from 0.
  /// - Throws: why this page cannot be had.
  public func page(_ index: Int) throws -> DocumentPage {
    guard (0..<pageCount).contains(index) else {
      throw DocumentFault("there is no page \(index + 1): it has \(pageCount)")
    }
    return try source.page(index)
  }

  private static let firstBytes = 1024

  private static func readWhole(_ path: String, limits: DocumentLimits) throws -> [UInt8] {
    let bytes = try Files.readPrefix(path, limit: limits.maximumBytes + 1)
    guard bytes.count <= limits.maximumBytes else { throw DocumentFault.tooLarge(limits) }
    return bytes
  }

  private static func kind(of bytes: [UInt8]) throws(DocumentFault) -> Kind {
    if bytes.starts(with: [0xFF, 0xD8, 0xFF]) { return .jpeg }
    if bytes.starts(with: [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]) { return .png }
    // Classic and BigTIFF, in both byte orders.
    let marks: [[UInt8]] = [[0x49, 0x49, 42, 0], [0x4D, 0x4D, 0, 42], [0x49, 0x49, 43, 0], [0x4D, 0x4D, 0, 43]]
    if marks.contains(where: { bytes.starts(with: $0) }) { return .tiff }
    // Readers accept bytes in front of the mark, and mail programs put some there.
    let mark = Array("%PDF-".utf8)
    let start = bytes.prefix(firstBytes)
    if start.indices.contains(where: { start[$0...].starts(with: mark) }) { return .pdf }
    guard !bytes.isEmpty else { throw DocumentFault("the file is empty") }
    throw DocumentFault("it is neither JPEG, PNG, TIFF nor PDF by its first bytes; convert it to one of these")
  }
}

/// One page as an image file, as it is sent to a worker.
public struct DocumentPage: Sendable, Equatable {
  /// A JPEG or PNG file.
  public let bytes: [UInt8]
  public let isJPEG: Bool
  /// In pixels, upright.
  public let width: Int
  public let height: Int

  public init(bytes: [UInt8], isJPEG: Bool, width: Int, height: Int) {
    self.bytes = bytes
    self.isJPEG = isJPEG
    self.width = width
    self.height = height
  }

  /// For requests and names.
  public var contentType: String { isJPEG ? "image/jpeg" : "image/png" }
  public var fileExtension: String { isJPEG ? "jpg" : "png" }
}

/// The pages of one kind of document.
protocol PageImages: Sendable {
  var count: Int { get }
  func page(_ index: Int) throws -> DocumentPage
}

/// A JPEG or PNG file: its one page is the file itself.
struct OneImage: PageImages {
  let bytes: [UInt8]
  let limits: DocumentLimits

  var count: Int { 1 }

  func page(_ index: Int) throws -> DocumentPage {
    let header = try ImageDecoder.header(of: bytes, limits: limits.image)
    return DocumentPage(
      bytes: bytes, isJPEG: header.format == .jpeg, width: header.width, height: header.height)
  }
}
