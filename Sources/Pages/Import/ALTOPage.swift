import Handwriting
import ImageKit
import MarkupKit

/// What is read of an ALTO file.
struct ALTOPage {
  private var words: ImportedWords
  private let limits: PageLimits
  private var source = ""
  private var pageCount = 0
  private var lineCount = 0
  private var string: OpenString?
  private var lastHasShape = false
  /// Gathers the text of an element that has some.
  private var text: String?

  /// A `String` whose end has not come yet.
  private struct OpenString {
    let content: String
    let box: [Point]?
    var polygon: [Point]?
    /// Glyphs have shapes of their own.
    var isInGlyph = false
  }

  private init(limits: PageLimits) {
    self.limits = limits
    words = ImportedWords(limits: limits)
  }

  static func read(from reader: inout PageMarkup, limits: PageLimits) throws(PageFormatError) -> PageAnnotation {
    var page = ALTOPage(limits: limits)
    while let event = try reader.next() {
      switch event {
      case .start(let element): try page.start(element)
      case .text(let text): try page.gather(text)
      case .end(let name): try page.end(name)
      }
    }
    return PageAnnotation(source: page.source, words: page.words.words)
  }

  private mutating func start(_ element: MarkupReader.Element) throws(PageFormatError) {
    switch element.name {
    case "MeasurementUnit", "fileName": text = ""
    case "Page":
      pageCount += 1
      guard pageCount == 1 else {
        throw PageFormatError(.unsupported, "more than one page, but one image: write each page to a file of its own")
      }
    case "TextLine": lineCount += 1
    case "String": string = OpenString(content: element.attributes["CONTENT"] ?? "", box: try box(of: element))
    case "Glyph": string?.isInGlyph = true
    case "Polygon":
      guard string?.isInGlyph == false, let points = element.attributes["POINTS"] else { return }
      string?.polygon = try ImportedWords.points(points, limits: limits)
    case "HYP":
      let hyphen = (element.attributes["CONTENT"] ?? "").replacing("\u{AD}", with: "-")
      try words.extendLast(by: hyphen, around: lastHasShape ? nil : try box(of: element))
    default: break
    }
  }

  private mutating func gather(_ more: String) throws(PageFormatError) {
    guard text != nil else { return }
    text? += more
    try ImportedWords.check(text ?? "", limits: limits)
  }

  private mutating func end(_ name: String) throws(PageFormatError) {
    switch name {
    case "MeasurementUnit":
      let unit = (text ?? "").filter { !$0.isWhitespace }
      guard unit == "pixel" else {
        throw PageFormatError(.unsupported, "measured in \"\(unit)\"; a manifest needs pixels: export in that unit")
      }
      text = nil
    case "fileName":
      source = (text ?? "").trimmed
      text = nil
    case "Glyph": string?.isInGlyph = false
    case "String":
      guard let open = string else { return }
      guard let polygon = open.polygon ?? open.box else {
        throw PageFormatError(.malformed, "the String \"\(open.content)\" has neither a box nor a polygon")
      }
      try words.add(text: open.content.trimmed, polygon: polygon, line: max(lineCount - 1, 0), kind: nil)
      lastHasShape = open.polygon != nil
      string = nil
    default: break
    }
  }

  private func box(of element: MarkupReader.Element) throws(PageFormatError) -> [Point]? {
    var sides: [Double] = []
    for name in ["HPOS", "VPOS", "WIDTH", "HEIGHT"] {
      guard let side = element.attributes[name] else { return nil }
      sides.append(try ImportedWords.coordinate(side.trimmed, limits: limits))
    }
    return Box(around: [Point(x: sides[0], y: sides[1]), Point(x: sides[0] + sides[2], y: sides[1] + sides[3])]).corners
  }
}

extension StringProtocol {
  /// Without white space at both ends.
  var trimmed: String {
    guard let first = firstIndex(where: { !$0.isWhitespace }), let last = lastIndex(where: { !$0.isWhitespace })
    else { return "" }
    return String(self[first...last])
  }
}
