import HostKit
import Synthesis
import Testing

/// What the tests write with; a machine without handwriting fonts skips them.
enum Fonts {
  static let alphabet = Set((0x21...0x7E).map { Character(UnicodeScalar(UInt8($0))) })

  /// Empty where none is installed.
  static let installed: [HandwritingFont] = {
    // That there is none is what `areInstalled` tells.
    (try? FontFolder.fonts(alphabet: alphabet)) ?? []
  }()

  static var areInstalled: Bool { !installed.isEmpty }
  static let skipped: Comment = "no handwriting font is installed; apt-get install fonts-breip fonts-kristi"

  static let words = [
    "the", "of", "and", "quick", "brown", "fox", "jumps", "over", "a", "lazy", "dog", "writing", "page", "letters",
  ]

  static func synthesizer() throws -> WordSynthesizer {
    try WordSynthesizer(fonts: installed, texts: WordTexts(words: words))
  }
}

/// A folder of one test, removed with it.
final class ScratchFolder: Sendable {
  let path = "/tmp/htr-synthesis-test-\(Identifier.random(bytes: 6))"

  init() throws { try Files.makeFolder(path, mode: 0o700) }

  // What is left in /tmp does no harm.
  deinit { try? Files.remove(path) }
}
