import HostKit
import Testing

@testable import Synthesis

struct FontTests {
  @Test(
    arguments: [
      ("/usr/share/fonts/truetype/kristi/Kristi.ttf", true), ("/x/Humor-Sans.ttf", true), ("/x/dkgBd.ttf", true),
      ("/usr/share/fonts/truetype/dejavu/DejaVuSans.ttf", false),
    ] as [(String, Bool)])
  func `handwriting fonts are known by their files' names`(path: String, isHandwriting: Bool) {
    #expect(FontFolder.isHandwriting(path) == isHandwriting)
  }

  @Test func `a folder without fonts is refused with the packages to install`() throws {
    let folder = try ScratchFolder()
    let error = #expect(throws: SynthesisError.self) { try FontFolder.files(in: folder.path) }
    #expect(error?.code == .noFonts)
    #expect(error?.description.contains(folder.path) == true)
    #expect(error?.description.contains("apt-get install fonts-breip") == true)
  }

  @Test func `a folder that is not there is refused`() {
    let error = #expect(throws: SynthesisError.self) { try FontFolder.files(in: "/nowhere/fonts") }
    #expect(error?.description == "fonts from /nowhere/fonts: there is no such folder, or it cannot be read")
  }

  @Test func `a file that is no font is refused by name`() throws {
    let folder = try ScratchFolder()
    try Files.write("no font", to: "\(folder.path)/a.ttf", durable: false)
    let error = #expect(throws: SynthesisError.self) { try FontFolder.fonts(in: folder.path, alphabet: ["a"]) }
    #expect(error?.code == .noFonts)
    #expect(error?.description.contains("a.ttf") == true)
  }

  @Test(.enabled(if: Fonts.areInstalled, Fonts.skipped))
  func `a font without a glyph is not used for a word that needs it`() throws {
    let path = try #require(try FontFolder.files().first { !$0.contains("BecauseWe") && !$0.contains("Humor") })
    let font = try HandwritingFont(path: path, alphabet: ["a", "b", "c", "漢"])
    #expect(font.canWrite("cab"))
    #expect(!font.canWrite("cad"))
    #expect(!font.canWrite(""))
    var random = SeededRandom(seed: 1)
    #expect(FontChoice([font]).font(for: "cad", using: &random) == nil)
    #expect(FontChoice([font]).font(for: "abba", using: &random)?.name == font.name)
  }

  @Test(.enabled(if: Fonts.areInstalled, Fonts.skipped))
  func `a font that draws small letters as capitals writes capitals only`() throws {
    for font in Fonts.installed where font.hasCapitalsOnly {
      #expect(!font.canWrite("word"))
      #expect(font.canWrite("WORD"))
    }
  }

  @Test(.enabled(if: Fonts.areInstalled, Fonts.skipped))
  func `a family is as likely as another however many cuts it has`() throws {
    let choice = FontChoice(Fonts.installed)
    let able = Set(Fonts.installed.filter { $0.canWrite("the") }.map(\.family))
    var random = SeededRandom(seed: 9)
    var counts: [String: Int] = [:]
    for _ in 0..<able.count * 60 {
      let font = try #require(choice.font(for: "the", using: &random))
      counts[font.family, default: 0] += 1
    }
    #expect(Set(counts.keys) == able)
    #expect(counts.values.allSatisfy { (25...110).contains($0) })
  }
}
