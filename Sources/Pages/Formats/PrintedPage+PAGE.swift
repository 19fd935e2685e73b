import Glibc
import HostKit
import ImageKit
import MarkupKit

extension PrintedPage {
  private static let namespace = "http://schema.primaresearch.org/PAGE/gts/pagecontent/2019-07-15"

  /// PAGE 2019-07-15: a `TextRegion` for each block in an explicit reading order, a `TextLine` with baseline for each
  /// line, a `Word` for each word, and the text with its confidence at each of them. Whole pixels, as PAGE wants.
  func pageFile(created: Timestamp) -> String {
    var markup = MarkupText()
    markup.element(
      "PcGts",
      [
        "xmlns": Self.namespace, "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation": "\(Self.namespace) \(Self.namespace)/pagecontent.xsd",
      ]
    ) { markup in
      markup.element("Metadata") { markup in
        markup.leaf("Creator", text: "htr \(Release.version)")
        markup.leaf("Created", text: created.calendarText)
        markup.leaf("LastChange", text: created.calendarText)
      }
      markup.element(
        "Page",
        [
          "imageFilename": source, "imageWidth": "\(page.width)", "imageHeight": "\(page.height)",
          "orientation": page.rotation == 0
            ? nil : "\(page.rotation > 180 ? page.rotation - 360 : page.rotation)",
        ]
      ) { writeRegions(to: &$0) }
    }
    return markup.text
  }

  private func writeRegions(to markup: inout MarkupText) {
    let blocks = page.blocks
    if !blocks.isEmpty {
      markup.element("ReadingOrder") { markup in
        markup.element("OrderedGroup", ["id": "order"]) { markup in
          for index in blocks.indices {
            markup.leaf(
              "RegionRefIndexed", ["index": "\(index)", "regionRef": "block\(index + 1)"])
          }
        }
      }
    }
    var lineCount = 0
    var wordCount = 0
    for (index, block) in blocks.enumerated() {
      let outlines = block.map(LineOutline.init)
      markup.element("TextRegion", ["id": "block\(index + 1)"]) { markup in
        writeCoordinates(Box(around: outlines.flatMap(\.polygon)).corners, to: &markup)
        for (line, outline) in zip(block, outlines) {
          lineCount += 1
          writeLine(line, outline, id: "line\(lineCount)", firstWord: wordCount + 1, to: &markup)
          wordCount += line.count
        }
        writeText(block.map(PlainText.line).joined(separator: "\n"), confidence: nil, to: &markup)
      }
    }
  }

  private func writeLine(
    _ line: ArraySlice<PageWord>, _ outline: LineOutline, id: String, firstWord: Int,
    to markup: inout MarkupText
  ) {
    markup.element("TextLine", ["id": id]) { markup in
      writeCoordinates(outline.polygon, to: &markup)
      markup.leaf("Baseline", ["points": points([outline.start, outline.end])])
      for (index, word) in line.enumerated() {
        markup.element("Word", ["id": "word\(firstWord + index)"]) { markup in
          writeCoordinates(word.shape, to: &markup)
          if let text = word.text { writeText(text, confidence: word.confidence, to: &markup) }
        }
      }
      writeText(PlainText.line(line), confidence: nil, to: &markup)
    }
  }

  private func writeText(_ text: String, confidence: Double?, to markup: inout MarkupText) {
    markup.element("TextEquiv", ["conf": confidence?.text(places: 4)]) {
      $0.leaf("Unicode", text: text)
    }
  }

  private func writeCoordinates(_ polygon: [Point], to markup: inout MarkupText) {
    markup.leaf("Coords", ["points": points(polygon)])
  }

  private func points(_ polygon: [Point]) -> String {
    polygon.text(places: 0, width: page.width, height: page.height)
  }
}

extension Timestamp {
  /// As in `2025-12-31T23:59:59Z`.
  fileprivate var calendarText: String {
    var seconds = time_t(milliseconds / 1_000)
    var parts = tm()
    gmtime_r(&seconds, &parts)
    func two(_ value: Int32) -> String { value < 10 ? "0\(value)" : "\(value)" }
    let date = "\(parts.tm_year + 1900)-\(two(parts.tm_mon + 1))-\(two(parts.tm_mday))"
    return "\(date)T\(two(parts.tm_hour)):\(two(parts.tm_min)):\(two(parts.tm_sec))Z"
  }
}
