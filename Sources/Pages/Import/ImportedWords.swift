import Handwriting
import ImageKit

/// Collects the words of a page that is imported, and sees to the limits.
struct ImportedWords {
  private(set) var words: [WordAnnotation] = []
  private let limits: PageLimits
  /// What a manifest takes, so that what is imported can be read again.
  private let manifest = ManifestLimits()

  init(limits: PageLimits) { self.limits = limits }

  /// - Throws: the reason; the caller knows the line.
  mutating func add(text: String, polygon: [Point], line: Int?, kind: String?) throws(PageFormatError) {
    guard words.count < min(limits.words, manifest.wordsPerPage) else {
      throw PageFormatError(.tooLarge, "more than \(limits.words) words on one page")
    }
    try Self.check(text, limits: limits)
    guard text.count <= manifest.textLength else {
      throw PageFormatError(
        .tooLarge, "a text of \(text.count) characters; a manifest holds \(manifest.textLength): part it into words")
    }
    words.append(WordAnnotation(text: text, polygon: polygon, line: line, kind: kind))
  }

  /// Adds to the last word, if there is one: a hyphen that the format keeps apart.
  mutating func extendLast(by text: String, around box: [Point]?) throws(PageFormatError) {
    guard let last = words.popLast() else { return }
    let polygon = box.map { Box(around: last.polygon + $0).corners } ?? last.polygon
    try add(text: last.text + text, polygon: polygon, line: last.line, kind: last.kind)
  }

  static func check(_ text: String, limits: PageLimits) throws(PageFormatError) {
    guard text.utf8.count <= limits.textBytes else {
      throw PageFormatError(.tooLarge, "a text is longer than \(limits.textBytes) bytes")
    }
  }

  /// Points as ALTO and PAGE list them: numbers in pairs, parted by commas and spaces however they like.
  static func points(_ text: String, limits: PageLimits) throws(PageFormatError) -> [Point] {
    var numbers: [Double] = []
    for part in text.split(whereSeparator: { $0 == "," || $0.isWhitespace }) {
      guard numbers.count < 2 * limits.pointsPerPolygon else {
        throw PageFormatError(.tooLarge, "a polygon of more than \(limits.pointsPerPolygon) points")
      }
      numbers.append(try coordinate(part, limits: limits))
    }
    guard numbers.count >= 6, numbers.count % 2 == 0 else {
      throw PageFormatError(.malformed, "a polygon of \(numbers.count) numbers; expected three points x,y or more")
    }
    return stride(from: 0, to: numbers.count, by: 2).map { Point(x: numbers[$0], y: numbers[$0 + 1]) }
  }

  static func coordinate(_ text: some StringProtocol, limits: PageLimits) throws(PageFormatError) -> Double {
    guard let value = Double(text), abs(value) <= Double(limits.side) else {
      throw PageFormatError(.malformed, "\"\(text.prefix(40))\" is no number of pixels within \(limits.side)")
    }
    return value
  }
}
