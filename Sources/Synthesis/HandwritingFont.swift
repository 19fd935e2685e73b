import CFreeType
import HostKit

/// The letters of one handwriting font, read once and kept as outlines: nothing of the file stays open, and any number
/// of threads may draw from it.
public struct HandwritingFont: Sendable {
  /// The file's name without its ending: what manifests call the writer.
  public let name: String
  /// The name that bold, italic and light cuts of one hand share.
  public let family: String

  let glyphs: [Character: GlyphOutline]
  /// Width of the strokes, in x-heights.
  let strokeWidth: Float
  /// True when letters reach over to the next one: spread apart they would fall to pieces.
  let isJoined: Bool
  /// True when the small letters are drawn as capitals: such a font cannot stand for a text with small letters.
  let hasCapitalsOnly: Bool

  private static let maximumFileSize: Int64 = 64 << 20

  /// True when every character of the text has a glyph with ink, and a small letter looks like one.
  public func canWrite(_ text: String) -> Bool {
    !text.isEmpty && text.allSatisfy { glyphs[$0] != nil } && !(hasCapitalsOnly && text.contains(where: \.isLowercase))
  }

  /// Reads the glyphs of `alphabet` that the font has; one that is empty or the font's box for missing letters counts
  /// as one that it has not.
  public init(path: String, alphabet: Set<Character>) throws {
    guard let size = try Files.status(Files.realPath(path) ?? path)?.size, size <= Self.maximumFileSize else {
      throw SynthesisError(.unreadableFont, "font \(path): it is not there, or larger than 64 MiB")
    }
    var library: FT_Library?
    guard FT_Init_FreeType(&library) == 0 else { throw SynthesisError(.rasterizer, "FreeType cannot be started") }
    defer { FT_Done_FreeType(library) }
    var opened: FT_Face?
    let code = FT_New_Face(library, path, 0, &opened)
    guard code == 0, let face = opened else {
      throw SynthesisError(.unreadableFont, "font \(path): FreeType cannot read it (error \(code))")
    }
    defer { FT_Done_Face(face) }
    guard face.pointee.units_per_EM > 0 else {
      throw SynthesisError(.unreadableFont, "font \(path): it has no outlines; use a TrueType or OpenType font")
    }

    name = String(Files.name(of: path).prefix { $0 != "." })
    family = face.pointee.family_name.map { String(cString: $0) } ?? name
    let found = Self.outlines(of: alphabet, in: face)
    let xHeight = Self.xHeight(found)
    let scaled = found.mapValues { $0.scaled(by: 1 / xHeight) }
    glyphs = scaled
    hasCapitalsOnly = Self.drawsSmallAsCapitals(scaled)
    isJoined = Self.joinsLetters(scaled)
    let widths = "nolaeit".compactMap { scaled[$0]?.strokeWidth }.sorted()
    strokeWidth = widths.isEmpty ? 0.15 : widths[widths.count / 2]
  }

  private static func outlines(of alphabet: Set<Character>, in face: FT_Face) -> [Character: GlyphOutline] {
    let missing = outline(of: 0, in: face)
    var result: [Character: GlyphOutline] = [:]
    for character in alphabet where character.unicodeScalars.count == 1 {
      guard let scalar = character.unicodeScalars.first else { continue }
      let index = FT_Get_Char_Index(face, FT_ULong(scalar.value))
      guard index != 0, let outline = outline(of: index, in: face), !outline.isEmpty, outline != missing else {
        continue
      }
      result[character] = outline
    }
    return result
  }

  /// In ems; nil when the glyph cannot be loaded or is a picture instead of an outline.
  private static func outline(of index: FT_UInt, in face: FT_Face) -> GlyphOutline? {
    guard FT_Load_Glyph(face, index, FT_Int32(FT_LOAD_NO_SCALE)) == 0, let slot = face.pointee.glyph,
      slot.pointee.format == FT_GLYPH_FORMAT_OUTLINE
    else { return nil }
    let unitsPerEm = Float(face.pointee.units_per_EM)
    guard let contours = OutlineFlattening.contours(of: slot.pointee.outline, unitsPerEm: unitsPerEm) else {
      return nil
    }
    return GlyphOutline(contours: contours, advance: Float(slot.pointee.metrics.horiAdvance) / unitsPerEm)
  }

  /// In ems: the median height of small letters without strokes above, or half of the capitals' where there are none.
  private static func xHeight(_ glyphs: [Character: GlyphOutline]) -> Float {
    let small = "xnoaceuv".compactMap { glyphs[$0]?.top }.sorted()
    if !small.isEmpty { return max(0.05, small[small.count / 2]) }
    let capitals = glyphs.values.map(\.top).sorted()
    return capitals.isEmpty ? 0.4 : max(0.05, capitals[capitals.count / 2] * 0.6)
  }

  private static func joinsLetters(_ glyphs: [Character: GlyphOutline]) -> Bool {
    let reaching = "aehimnu".compactMap { glyphs[$0] }.filter { $0.right > $0.advance - 0.02 }
    return reaching.count >= 4
  }

  private static func drawsSmallAsCapitals(_ glyphs: [Character: GlyphOutline]) -> Bool {
    let ratios = zip("acemnrsu", "ACEMNRSU").compactMap { small, capital -> Float? in
      guard let small = glyphs[small], let capital = glyphs[capital], capital.top > 0 else { return nil }
      return small.top / capital.top
    }.sorted()
    return !ratios.isEmpty && ratios[ratios.count / 2] > 0.86
  }
}
