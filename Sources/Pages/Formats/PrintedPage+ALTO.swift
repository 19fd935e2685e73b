import HostKit
import ImageKit
import MarkupKit

extension PrintedPage {
  /// ALTO 4.2: a `TextBlock` for each block, a `TextLine` with baseline and polygon for each line, a `String` with
  /// polygon and confidence (`WC`) for each word, spaces between them. Coordinates in pixels.
  func altoFile() -> String {
    var markup = MarkupText()
    markup.element(
      "alto",
      [
        "xmlns": "http://www.loc.gov/standards/alto/ns-v4#",
        "xmlns:xsi": "http://www.w3.org/2001/XMLSchema-instance",
        "xsi:schemaLocation":
          "http://www.loc.gov/standards/alto/ns-v4# http://www.loc.gov/standards/alto/v4/alto-4-2.xsd",
        "SCHEMAVERSION": "4.2",
      ]
    ) { markup in
      writeALTODescription(to: &markup)
      markup.element("Layout") { markup in
        let (width, height) = ("\(page.width)", "\(page.height)")
        markup.element(
          "Page", ["ID": "page", "PHYSICAL_IMG_NR": "\(number)", "WIDTH": width, "HEIGHT": height]
        ) {
          $0.element("PrintSpace", ["HPOS": "0", "VPOS": "0", "WIDTH": width, "HEIGHT": height]) {
            markup in
            writeALTOBlocks(to: &markup)
          }
        }
      }
    }
    return markup.text
  }

  private func writeALTODescription(to markup: inout MarkupText) {
    markup.element("Description") { markup in
      markup.leaf("MeasurementUnit", text: "pixel")
      markup.element("sourceImageInformation") { $0.leaf("fileName", text: source) }
      markup.element("Processing", ["ID": "reading"]) { markup in
        markup.element("processingSoftware") { markup in
          markup.leaf("softwareName", text: "htr")
          markup.leaf("softwareVersion", text: Release.version)
        }
      }
    }
  }

  private func writeALTOBlocks(to markup: inout MarkupText) {
    var lineCount = 0
    var wordCount = 0
    for (index, block) in page.blocks.enumerated() {
      let outlines = block.map(LineOutline.init)
      let box = Box(around: outlines.flatMap(\.polygon))
      markup.element(
        "TextBlock",
        place(
          box, id: "block\(index + 1)",
          // Counterclockwise here: by how much the text has been turned, not how it is turned back.
          more: ("ROTATION", page.rotation == 0 ? nil : "\(page.rotation)"))
      ) { markup in
        for (line, outline) in zip(block, outlines) {
          lineCount += 1
          writeALTOLine(
            line, outline, id: "line\(lineCount)", firstWord: wordCount + 1, to: &markup)
          wordCount += line.count
        }
      }
    }
  }

  private func writeALTOLine(
    _ line: ArraySlice<PageWord>, _ outline: LineOutline, id: String, firstWord: Int,
    to markup: inout MarkupText
  ) {
    let baseline = [outline.start, outline.end].text(
      places: 2, width: page.width, height: page.height)
    markup.element(
      "TextLine", place(Box(around: outline.polygon), id: id, more: ("BASELINE", baseline))
    ) { markup in
      writeShape(outline.polygon, to: &markup)
      for (index, word) in line.enumerated() {
        if index > 0 { markup.leaf("SP") }
        let box = Box(around: word.shape).clipped(width: page.width, height: page.height)
        markup.element(
          "String",
          [
            "ID": "word\(firstWord + index)", "CONTENT": word.text ?? "",
            "HPOS": box.left.text(places: 2),
            "VPOS": box.top.text(places: 2), "WIDTH": box.width.text(places: 2),
            "HEIGHT": box.height.text(places: 2),
            "WC": word.confidence?.text(places: 4),
          ]
        ) { writeShape(word.shape, to: &$0) }
      }
    }
  }

  private func writeShape(_ polygon: [Point], to markup: inout MarkupText) {
    markup.element("Shape") {
      $0.leaf(
        "Polygon", ["POINTS": polygon.text(places: 2, width: page.width, height: page.height)])
    }
  }

  private func place(_ box: Box, id: String, more: (name: String, value: String?))
    -> MarkupText.Attributes
  {
    let box = box.clipped(width: page.width, height: page.height)
    return [
      "ID": id, "HPOS": box.left.text(places: 2), "VPOS": box.top.text(places: 2),
      "WIDTH": box.width.text(places: 2), "HEIGHT": box.height.text(places: 2),
      more.name: more.value,
    ]
  }
}
