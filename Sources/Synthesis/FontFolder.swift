import Glibc
import HostKit

/// Where handwriting fonts are on a machine.
public enum FontFolder {
  /// Debian's packages of handwriting fonts, and how their files begin (small letters, nothing but letters).
  /// fonts-joscelyn is not among them: it is a secretary hand of 1600, whose c, r, v and w today read as other letters.
  static let packages: [(package: String, files: [String])] = [
    ("fonts-breip", ["breip"]), ("fonts-bwht", ["becausewe"]), ("fonts-dancingscript", ["dancingscript"]),
    ("fonts-dkg-handwriting", ["dkg"]), ("fonts-sjfonts", ["delphine", "stevehand"]), ("fonts-kristi", ["kristi"]),
    ("fonts-rufscript", ["rufscript"]), ("fonts-femkeklaver", ["femkeklaver"]), ("fonts-humor-sans", ["humorsans"]),
    ("fonts-comic-neue", ["comicneue"]), ("fonts-tomsontalks", ["tomsontalks"]),
    ("fonts-kaushanscript", ["kaushanscript"]), ("fonts-klee", ["kleeone"]), ("fonts-yusei-magic", ["yuseimagic"]),
    ("fonts-havana", ["havana"]),
  ]

  /// Fonts of which only these characters look like handwriting: the others are hollow or ornaments.
  private static let usableCharacters: [(file: String, characters: String)] = [
    ("femkeklaver", "abcdefghijklmnopqrstuvwxyz"),
    ("humorsans", "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789!\"#$%&'()*+,-./:;=?@"),
  ]

  /// Where Debian puts fonts.
  public static let system = "/usr/share/fonts"

  /// What to type when there are no fonts.
  public static var advice: String { "install some: apt-get install \(packages.map(\.package).joined(separator: " "))" }

  private static let maximumFonts = 500
  private static let maximumDepth = 8

  /// The font files to write with: all of `folder`, or the known handwriting fonts of the system when it is nil. In an
  /// order that depends on names only, so that a seed means the same on two machines with the same fonts.
  /// - Throws: an error that names Debian's packages when there is none.
  public static func files(in folder: String? = nil) throws -> [String] {
    let root = folder ?? system
    if let folder, !Files.isReadable(folder) {
      throw SynthesisError(.noFonts, "fonts from \(folder): there is no such folder, or it cannot be read")
    }
    let found = fontFiles(below: root, depth: 0).filter { folder != nil || isHandwriting($0) }
    guard !found.isEmpty else {
      throw SynthesisError(
        .noFonts,
        folder.map {
          "fonts from \($0): it has no .ttf or .otf file; leave --fonts out to use the system's, or \(advice)"
        }
          ?? "there is no handwriting font in \(system); \(advice), or name a folder of fonts with --fonts")
    }
    return Array(found.sorted { Files.name(of: $0) < Files.name(of: $1) }.prefix(maximumFonts))
  }

  /// The fonts of `files(in:)`, read. A file that is no font is passed over as long as another is left.
  public static func fonts(in folder: String? = nil, alphabet: Set<Character>) throws -> [HandwritingFont] {
    let files = try files(in: folder)
    var refusals: [String] = []
    var fonts: [HandwritingFont] = []
    for file in files {
      do {
        let font = try HandwritingFont(path: file, alphabet: usable(alphabet, in: file))
        if font.glyphs.isEmpty {
          refusals.append("\(file): it has none of the letters")
        } else {
          fonts.append(font)
        }
      } catch {
        refusals.append("\(error)")
      }
    }
    guard !fonts.isEmpty else {
      throw SynthesisError(.noFonts, "none of the \(files.count) font files can be used: \(refusals[0])")
    }
    return fonts
  }

  private static func usable(_ alphabet: Set<Character>, in path: String) -> Set<Character> {
    let name = plainName(path)
    guard let known = usableCharacters.first(where: { name.hasPrefix($0.file) }) else { return alphabet }
    return alphabet.intersection(known.characters)
  }

  private static func plainName(_ path: String) -> String { Files.name(of: path).lowercased().filter(\.isLetter) }

  static func isHandwriting(_ path: String) -> Bool {
    let name = plainName(path)
    return packages.contains { $0.files.contains { name.hasPrefix($0) } }
  }

  private static func fontFiles(below folder: String, depth: Int) -> [String] {
    // A folder that may not be listed holds no fonts for us; the caller says so when none is left.
    guard depth < maximumDepth, let names = try? Files.names(in: folder) else { return [] }
    return names.flatMap { name -> [String] in
      let path = "\(folder)/\(name)"
      if name.hasSuffix(".ttf") || name.hasSuffix(".otf") { return [path] }
      // What vanishes while we look is not there.
      guard (try? Files.status(path))??.kind == .folder else { return [] }
      return fontFiles(below: path, depth: depth + 1)
    }
  }
}
