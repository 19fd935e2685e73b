public import HostKit
import ImageKit
import JSONKit

/// Writes pages in one of the formats, one after the other, so that a document of any length needs the memory of one
/// page: the bytes of `begin`, of each `append` and of `finish`, in this order, are the file.
public struct PageWriter: Sendable {
  public let format: PageFormat
  private let pageCount: Int?
  private let created: Timestamp
  private var written = 0
  private var hocr = HOCRText()
  private var pdf = PDFDocument()

  /// - Parameters:
  ///   - pageCount: how many pages will come, where it is known; hOCR tells it.
  ///   - created: PAGE tells when it was made.
  public init(_ format: PageFormat, pageCount: Int? = nil, created: Timestamp = .now()) {
    self.format = format
    self.pageCount = pageCount
    self.created = created
  }

  /// The file of some pages.
  /// - Throws: as `append`.
  public static func file(_ pages: [PrintedPage], as format: PageFormat) throws(PageFormatError)
    -> [UInt8]
  {
    var writer = PageWriter(format, pageCount: pages.count)
    var bytes = writer.begin()
    for page in pages { bytes += try writer.append(page) }
    return bytes + writer.finish()
  }

  public mutating func begin() -> [UInt8] {
    switch format {
    case .hocr: Array(hocr.begin(pageCount: pageCount).utf8)
    case .pdf: pdf.begin()
    case .text, .json, .alto, .pageXML, .manifest: []
    }
  }

  /// - Throws: when the format has one page a file and this is the second, or a PDF's image is missing or damaged.
  public mutating func append(_ page: PrintedPage) throws(PageFormatError) -> [UInt8] {
    guard format.holdsManyPages || written == 0 else {
      throw PageFormatError(
        .unsupported, "\(format.rawValue) has one page a file: write each page to a file of its own"
      )
    }
    written += 1
    switch format {
    case .text: return Array(((written > 1 ? "\u{C}" : "") + PlainText.page(page.page)).utf8)
    case .json: return Array((page.json.text + "\n").utf8)
    case .alto: return Array(page.altoFile().utf8)
    case .pageXML: return Array(page.pageFile(created: created).utf8)
    case .hocr: return Array(hocr.add(page).utf8)
    case .manifest: return Array((page.manifestLine.text + "\n").utf8)
    case .pdf: return try pdf.add(page)
    }
  }

  public mutating func finish() -> [UInt8] {
    switch format {
    case .hocr: Array(hocr.finish().utf8)
    case .pdf: pdf.finish()
    case .text, .json, .alto, .pageXML, .manifest: []
    }
  }
}

extension PrintedPage {
  /// The page's JSON with the image as `source`, by which the pages of a document are told apart.
  var json: JSON {
    guard !source.isEmpty, var members = page.json.object else { return page.json }
    members["source"] = .string(source)
    return .object(members)
  }

  /// `Manifest.read` gives the words with their texts, polygons and lines; what else is known of them is kept beside.
  var manifestLine: JSON {
    let texts = page.words.map { word -> JSON in
      .members([
        "text": .string(word.text ?? ""),
        "polygon": .array(word.shape.map { ["x": .pixels($0.x), "y": .pixels($0.y)] }),
        "line_idx": .integer(Int64(word.line)), "block_idx": .integer(Int64(word.block)),
        "confidence": word.confidence.map { .number($0.rounded(toPlaces: 4)) },
        "score": .number(word.score.rounded(toPlaces: 4)),
      ])
    }
    return ["source-ref": .string(source), "annotations": ["texts": .array(texts)]]
  }
}
