/// The forms a page that was read can be written in; `rawValue` is what people type.
public enum PageFormat: String, CaseIterable, Sendable {
  /// Lines of words; an empty line between blocks, a form feed between pages.
  case text
  /// One object a line (`ReadPage.json`, with the image as `source`).
  case json
  /// ALTO 4.2, one page a file.
  case alto
  /// PAGE 2019-07-15, one page a file.
  case pageXML = "page-xml"
  /// hOCR 1.2.
  case hocr
  /// A manifest to correct and to train with, one line a page.
  case manifest
  /// The images, with the text invisible above the words.
  case pdf

  /// What such a file is called after the last point but one or two, without the first point.
  public var fileExtension: String {
    switch self {
    case .text: "txt"
    case .json: "json"
    case .alto: "alto.xml"
    case .pageXML: "page.xml"
    case .hocr: "hocr.html"
    case .manifest: "manifest"
    case .pdf: "pdf"
    }
  }

  /// False where the form wants one file for each page.
  public var holdsManyPages: Bool { self != .alto && self != .pageXML }

  /// True where the page's image is written too.
  public var needsImage: Bool { self == .pdf }
}
