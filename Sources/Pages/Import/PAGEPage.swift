import Handwriting
import ImageKit
import MarkupKit

/// What is read of a PAGE file.
struct PAGEPage {
  /// An element whose end has not come yet.
  private struct Open {
    let name: String
    var points: String?
    /// Of the first of its texts, by their `index`.
    var text: String?
    var textIndex = Int.max
    var kind: String?
    var hasWords = false
  }

  private struct Item {
    let text: String
    let polygon: [Point]
    let line: Int
    let kind: String?
    /// The regions around it, the outermost first.
    let regions: [String]
  }

  private let limits: PageLimits
  private var source = ""
  private var open: [Open] = []
  private var regions: [String] = []
  private var order = RegionOrder()
  private var items: [Item] = []
  private var lineCount = 0
  private var equivalentIndex = 0
  private var text: String?

  private init(limits: PageLimits) { self.limits = limits }

  static func read(from reader: inout PageMarkup, limits: PageLimits) throws(PageFormatError) -> PageAnnotation {
    var page = PAGEPage(limits: limits)
    while let event = try reader.next() {
      switch event {
      case .start(let element): try page.start(element)
      case .text(let text): try page.gather(text)
      case .end(let name): try page.end(name)
      }
    }
    return PageAnnotation(source: page.source, words: try page.orderedWords())
  }

  private mutating func start(_ element: MarkupReader.Element) throws(PageFormatError) {
    let attributes = element.attributes
    switch element.name {
    case "Page": source = (attributes["imageFilename"] ?? "").trimmed
    case "RegionRefIndexed", "RegionRef":
      try order.add(attributes["regionRef"] ?? "", index: attributes["index"].flatMap { Int($0) }, limits: limits)
    case "OrderedGroup", "OrderedGroupIndexed", "UnorderedGroup", "UnorderedGroupIndexed":
      order.begin(index: attributes["index"].flatMap { Int($0) })
    case "TextRegion", "TextLine", "Word", "Glyph":
      if element.name == "TextRegion" { regions.append(attributes["id"] ?? "") }
      if element.name == "Word" { open.indices.last.map { open[$0].hasWords = true } }
      open.append(
        Open(name: element.name, kind: Self.kind(of: attributes["production"]) ?? open.last?.kind))
    case "Coords": open.indices.last.map { open[$0].points = attributes["points"] }
    case "TextEquiv": equivalentIndex = attributes["index"].flatMap { Int($0) } ?? 0
    case "Unicode": text = ""
    default: break
    }
  }

  private mutating func gather(_ more: String) throws(PageFormatError) {
    // The text of a region repeats that of its lines, and may be long.
    guard text != nil, open.last?.name != "TextRegion" else { return }
    text? += more
    try ImportedWords.check(text ?? "", limits: limits)
  }

  private mutating func end(_ name: String) throws(PageFormatError) {
    switch name {
    case "Unicode":
      if let last = open.indices.last, equivalentIndex < open[last].textIndex {
        open[last].text = text
        open[last].textIndex = equivalentIndex
      }
      text = nil
    case "OrderedGroup", "OrderedGroupIndexed", "UnorderedGroup", "UnorderedGroupIndexed": order.end()
    case "TextRegion":
      regions.removeLast()
      open.removeLast()
    case "Glyph": open.removeLast()
    case "Word":
      try keep(open.removeLast())
    case "TextLine":
      let line = open.removeLast()
      if !line.hasWords, line.text?.trimmed.isEmpty == false { try keep(line) }
      lineCount += 1
    default: break
    }
  }

  private mutating func keep(_ element: Open) throws(PageFormatError) {
    guard items.count < limits.words else {
      throw PageFormatError(.tooLarge, "more than \(limits.words) words on one page")
    }
    guard let points = element.points else {
      throw PageFormatError(.malformed, "a \(element.name) has no <Coords points=\"x,y x,y ...\">")
    }
    items.append(
      Item(
        text: (element.text ?? "").trimmed, polygon: try ImportedWords.points(points, limits: limits), line: lineCount,
        kind: element.kind, regions: regions))
  }

  /// In the file's reading order, where it has one; lines numbered in that order.
  private func orderedWords() throws(PageFormatError) -> [WordAnnotation] {
    let ranks = order.ranks
    // A region that the order does not name comes where the one around it comes, else last.
    let ranked = items.map { item in item.regions.reversed().lazy.compactMap { ranks[$0] }.first ?? Int.max }
    let sorted = items.indices.sorted { (ranked[$0], $0) < (ranked[$1], $1) }
    var words = ImportedWords(limits: limits)
    var number = -1
    var last: Int?
    for item in sorted.map({ items[$0] }) {
      if item.line != last { number += 1 }
      last = item.line
      try words.add(text: item.text, polygon: item.polygon, line: number, kind: item.kind)
    }
    return words.words
  }

  /// A manifest's type for PAGE's `production`.
  private static func kind(of production: String?) -> String? {
    switch production {
    case "printed", "typewritten": "P"
    case "handwritten-cursive", "handwritten-printscript", "medieval-manuscript": "H"
    default: nil
    }
  }
}

/// PAGE's reading order: groups of regions and of groups, each with an index within its group.
private struct RegionOrder {
  private var path: [Int] = []
  private var entries: [(path: [Int], region: String)] = []

  mutating func begin(index: Int?) { path.append(index ?? entries.count) }

  mutating func end() { _ = path.popLast() }

  mutating func add(_ region: String, index: Int?, limits: PageLimits) throws(PageFormatError) {
    guard entries.count < limits.words else {
      throw PageFormatError(.tooLarge, "the reading order names more than \(limits.words) regions")
    }
    entries.append((path + [index ?? entries.count], region))
  }

  var ranks: [String: Int] {
    let sorted = entries.indices.sorted { one, other in
      if entries[one].path == entries[other].path { return one < other }
      return entries[one].path.lexicographicallyPrecedes(entries[other].path)
    }
    return Dictionary(sorted.enumerated().map { (entries[$1].region, $0) }) { first, _ in first }
  }
}
