import ImageKit

/// A searchable PDF, written page by page: each page is its image with the words as invisible text above it, in reading
/// order. Only the places of the objects and the characters are kept between pages.
struct PDFDocument {
  /// The byte at which each object starts; object N is at N - 1.
  private var places: [Int] = []
  private var length = 0
  private var pages: [Int] = []
  private var alphabet = PDFAlphabet()

  /// The objects that every page refers to, written at the end.
  private enum Fixed { static let catalog = 1, pageTree = 2, resources = 3 }

  /// In points; the longer side of a page. An image seldom tells how large its paper was: A4 is a good guess.
  private static let longerSide = 842.0

  mutating func begin() -> [UInt8] {
    places = [0, 0, 0]
    // The second line tells programs that the file is not plain text.
    let header = Array("%PDF-1.5\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3, 0x0A]
    length = header.count
    return header
  }

  mutating func add(_ printed: PrintedPage) throws(PageFormatError) -> [UInt8] {
    let image = try PDFImage(of: printed)
    let page = printed.page
    let scale = Self.longerSide / Double(max(page.width, page.height, 1))
    let (width, height) = (Double(page.width) * scale, Double(page.height) * scale)
    var output: [UInt8] = []
    let picture = addStream(image.dictionary, image.bytes, to: &output)
    var content = "q \(width.text(places: 3)) 0 0 \(height.text(places: 3)) 0 0 cm /Im Do Q\n"
    content += PDFText(page: page, scale: scale).content(alphabet: &alphabet)
    let text = addStream("", Array(content.utf8), to: &output)
    let number = addObject(
      "<< /Type /Page /Parent \(Fixed.pageTree) 0 R /MediaBox [0 0 \(width.text(places: 3)) \(height.text(places: 3))]"
        + (page.rotation == 0 ? "" : " /Rotate \(page.rotation)")
        + " /Resources << /XObject << /Im \(picture) 0 R >> /Font \(Fixed.resources) 0 R >> /Contents \(text) 0 R >>",
      to: &output)
    pages.append(number)
    return output
  }

  mutating func finish() -> [UInt8] {
    var output: [UInt8] = []
    var fonts: [String] = []
    for (index, font) in alphabet.fonts.enumerated() {
      fonts.append("/F\(index) \(add(font, to: &output)) 0 R")
    }
    put(Fixed.resources, "<< \(fonts.joined(separator: " ")) >>", to: &output)
    let kids = pages.map { "\($0) 0 R" }.joined(separator: " ")
    put(Fixed.pageTree, "<< /Type /Pages /Count \(pages.count) /Kids [\(kids)] >>", to: &output)
    put(Fixed.catalog, "<< /Type /Catalog /Pages \(Fixed.pageTree) 0 R >>", to: &output)
    let start = length
    let rows = places.map { place in
      let digits = "\(place)"
      return String(repeating: "0", count: max(0, 10 - digits.count)) + digits + " 00000 n \n"
    }
    output += Array(
      ("xref\n0 \(places.count + 1)\n0000000000 65535 f \n" + rows.joined()
        + "trailer\n<< /Size \(places.count + 1) /Root \(Fixed.catalog) 0 R >>\nstartxref\n\(start)\n%%EOF\n")
        .utf8)
    return output
  }

  /// A font whose glyphs are empty: readers take the text from its table of characters, and draw nothing.
  private mutating func add(_ font: PDFAlphabet.Font, to output: inout [UInt8]) -> Int {
    // The box is what readers mark when they find a word.
    let box = "0 0 \(PDFAlphabet.advance) \(PDFAlphabet.height)"
    let glyph = addStream("", Array("\(PDFAlphabet.advance) 0 \(box) d1".utf8), to: &output)
    let table = addStream("", Array(font.characterTable.utf8), to: &output)
    let last = font.scalars.count
    let names = (1...max(last, 1)).map { "/c\($0)" }
    let widths = names.map { _ in "\(PDFAlphabet.advance)" }.joined(separator: " ")
    let procedures = names.map { "\($0) \(glyph) 0 R" }.joined(separator: " ")
    return addObject(
      "<< /Type /Font /Subtype /Type3 /FontBBox [0 0 \(PDFAlphabet.advance) 1000] /FontMatrix [0.001 0 0 0.001 0 0] "
        + "/FirstChar 1 /LastChar \(max(last, 1)) /Widths [\(widths)] /Resources << >> /ToUnicode \(table) 0 R "
        + "/Encoding << /Type /Encoding /Differences [1 \(names.joined(separator: " "))] >> "
        + "/CharProcs << \(procedures) >> >>",
      to: &output)
  }

  private mutating func addObject(_ body: String, to output: inout [UInt8]) -> Int {
    places.append(0)
    put(places.count, body, to: &output)
    return places.count
  }

  private mutating func addStream(_ dictionary: String, _ bytes: [UInt8], to output: inout [UInt8])
    -> Int
  {
    places.append(0)
    let number = places.count
    places[number - 1] = length
    let head = Array("\(number) 0 obj\n<< \(dictionary) /Length \(bytes.count) >>\nstream\n".utf8)
    let tail = Array("\nendstream\nendobj\n".utf8)
    output += head + bytes + tail
    length += head.count + bytes.count + tail.count
    return number
  }

  private mutating func put(_ number: Int, _ body: String, to output: inout [UInt8]) {
    places[number - 1] = length
    let bytes = Array("\(number) 0 obj\n\(body)\nendobj\n".utf8)
    output += bytes
    length += bytes.count
  }
}
