/// The characters of a document as bytes of Type 3 fonts: each font has 255 of them, in the order in which they were
/// met, and a table that tells readers which they are.
struct PDFAlphabet {
  struct Font {
    /// The first has byte 1.
    var scalars: [Unicode.Scalar] = []
  }

  private(set) var fonts: [Font] = []
  private var codes: [Unicode.Scalar: Code] = [:]

  struct Code {
    let font: Int
    let byte: UInt8
  }

  /// Of every glyph, in thousandths of the font's size.
  static let advance = 500
  /// Of every glyph's box, likewise: that of a word, which is less than the size of its text.
  static let height = Int(1_000 / PDFText.generosity)

  mutating func code(of scalar: Unicode.Scalar) -> Code {
    if let code = codes[scalar] { return code }
    if (fonts.last?.scalars.count ?? 255) == 255 { fonts.append(Font()) }
    let font = fonts.count - 1
    fonts[font].scalars.append(scalar)
    let code = Code(font: font, byte: UInt8(fonts[font].scalars.count))
    codes[scalar] = code
    return code
  }
}

extension PDFAlphabet.Font {
  /// The font's `ToUnicode` CMap.
  var characterTable: String {
    var text = """
      /CIDInit /ProcSet findresource begin
      12 dict begin
      begincmap
      /CIDSystemInfo << /Registry (Adobe) /Ordering (UCS) /Supplement 0 >> def
      /CMapName /Adobe-Identity-UCS def
      /CMapType 2 def
      1 begincodespacerange
      <01> <FF>
      endcodespacerange

      """
    // A section may have 100 rows at most.
    for start in stride(from: 0, to: scalars.count, by: 100) {
      let rows = scalars[start..<min(start + 100, scalars.count)]
      text += "\(rows.count) beginbfchar\n"
      for (index, scalar) in zip(rows.indices, rows) {
        let units = String(Character(scalar)).utf16.map { PDFText.hexadecimal($0, digits: 4) }
          .joined()
        text += "<\(PDFText.hexadecimal(index + 1, digits: 2))> <\(units)>\n"
      }
      text += "endbfchar\n"
    }
    return text + "endcmap\nCMapName currentdict /CMap defineresource pop\nend\nend\n"
  }
}
