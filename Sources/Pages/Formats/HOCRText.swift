import Glibc
import HostKit
import ImageKit
import MarkupKit

/// hOCR 1.2 as XHTML, written page by page: `ocr_page`, `ocr_carea` and `ocr_par` for each block, `ocr_line` with
/// baseline, `ocrx_word` with polygon and confidence.
struct HOCRText {
  private var markup = MarkupText("")
  private var blockCount = 0
  private var lineCount = 0
  private var wordCount = 0
  private var pageCount = 0

  /// - Parameter pageCount: nil while nobody knows.
  mutating func begin(pageCount: Int?) -> String {
    markup = MarkupText(
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<!DOCTYPE html PUBLIC \"-//W3C//DTD XHTML 1.0 Transitional//EN\" "
        + "\"http://www.w3.org/TR/xhtml1/DTD/xhtml1-transitional.dtd\">\n")
    markup.start("html", ["xmlns": "http://www.w3.org/1999/xhtml"])
    markup.element("head") { markup in
      markup.leaf("title", text: "Pages read by htr")
      func note(_ name: String, _ content: String) {
        markup.leaf("meta", ["name": name, "content": content])
      }
      markup.leaf("meta", ["http-equiv": "Content-Type", "content": "text/html; charset=utf-8"])
      note("ocr-system", "htr \(Release.version)")
      note("ocr-capabilities", "ocr_page ocr_carea ocr_par ocr_line ocrx_word ocrp_poly")
      if let pageCount { note("ocr-number-of-pages", "\(pageCount)") }
    }
    markup.start("body")
    return markup.taken()
  }

  mutating func add(_ printed: PrintedPage) -> String {
    let page = printed.page
    pageCount += 1
    let whole = Box(around: [
      Point(x: 0, y: 0), Point(x: Double(page.width), y: Double(page.height)),
    ])
    let image = "image \"\(printed.source.filter { $0 != "\"" })\""
    markup.start(
      "div",
      [
        "class": "ocr_page", "id": "page_\(pageCount)",
        "title": "\(image); \(Self.box(whole, page)); ppageno \(printed.number - 1)",
      ])
    for block in page.blocks { add(block, of: page) }
    markup.end()
    return markup.taken()
  }

  mutating func finish() -> String {
    markup.end()
    markup.end()
    return markup.taken()
  }

  private mutating func add(_ block: [ArraySlice<PageWord>], of page: ReadPage) {
    blockCount += 1
    let title = Self.box(Box(around: block.flatMap { $0.flatMap(\.shape) }), page)
    markup.start("div", ["class": "ocr_carea", "id": "block_\(blockCount)", "title": title])
    markup.start("p", ["class": "ocr_par", "id": "par_\(blockCount)", "title": title])
    for line in block { add(line, of: page) }
    markup.end()
    markup.end()
  }

  private mutating func add(_ line: ArraySlice<PageWord>, of page: ReadPage) {
    lineCount += 1
    let outline = LineOutline(line)
    let box = Box(around: outline.polygon)
    let title = "\(Self.box(box, page)); \(Self.baseline(outline, box))"
    markup.start("span", ["class": "ocr_line", "id": "line_\(lineCount)", "title": title])
    for word in line {
      wordCount += 1
      var parts = [Self.box(Box(around: word.shape), page)]
      parts.append(
        "poly "
          + word.shape.text(places: 0, width: page.width, height: page.height).replacing(
            ",", with: " "))
      if let confidence = word.confidence {
        parts.append("x_wconf \((confidence * 100).text(places: 0))")
      }
      markup.leaf(
        "span",
        ["class": "ocrx_word", "id": "word_\(wordCount)", "title": parts.joined(separator: "; ")],
        text: word.text ?? "")
    }
    markup.end()
  }

  private static func box(_ box: Box, _ page: ReadPage) -> String {
    let box = box.clipped(width: page.width, height: page.height)
    return "bbox \(Int(box.left.rounded(.down))) \(Int(box.top.rounded(.down))) "
      + "\(Int(box.right.rounded(.up))) \(Int(box.bottom.rounded(.up)))"
  }

  /// Slope and height above the box's bottom left corner; of lines that do not run across the page their direction, for
  /// which there is no such baseline.
  private static func baseline(_ outline: LineOutline, _ box: Box) -> String {
    let (across, down) = (outline.end.x - outline.start.x, outline.end.y - outline.start.y)
    guard across > abs(down) else {
      let degrees = atan2(-down, across) * 180 / .pi
      return "textangle \((degrees < 0 ? degrees + 360 : degrees).text(places: 2))"
    }
    let slope = down / across
    let offset = outline.start.y + slope * (box.left - outline.start.x) - box.bottom
    return "baseline \(slope.text(places: 4)) \(offset.text(places: 2))"
  }
}
