import Handwriting
import HostKit
import ImageKit
import Synthesis
import TensorKit
import Testing

/// Pictures of words as training jobs get them, drawn with the handwriting fonts of this machine.
enum HandwrittenWords {
  struct Word: Sendable {
    let text: String
    let image: GreyImage
  }

  private static let fonts: [HandwritingFont] = {
    let alphabet = Set((0x21...0x7E).map { Character(UnicodeScalar(UInt8($0))) })
    // That there is none is what `canBeTrained` tells.
    return (try? FontFolder.fonts(alphabet: alphabet)) ?? []
  }()

  /// False where the tests that train have nothing to write or to compute with.
  static let canBeTrained: Bool = {
    // Why there are no kernels is for `htr-worker` to tell.
    !fonts.isEmpty && (try? BackendChoice.automatic.make()) != nil
  }()

  static let skipped: Comment =
    "needs a handwriting font (apt-get install fonts-breip fonts-kristi) and libdnnl2 or libopenblas0-pthread"

  /// One picture of each text; the same for the same seed on machines with the same fonts.
  static func draw(_ texts: [String], seed: UInt64 = 1) throws -> [Word] {
    let words = try WordSynthesizer(fonts: fonts, texts: WordTexts(words: texts))
    return try texts.enumerated().map { index, text in
      Word(text: text, image: try picture(of: text, words, seed: seed &* 1000 &+ UInt64(index)))
    }
  }

  /// At least as wide as it is high, so that all words fill the narrowest picture that networks look at: none is padded
  /// in one way while it is learnt and in another while it is read.
  private static func picture(of text: String, _ words: WordSynthesizer, seed: UInt64) throws -> GreyImage {
    var attempt: UInt64 = 0
    while true {
      let image = try words.word(saying: text, seed: seed &+ attempt << 32).image
      attempt += 1
      if image.width >= image.height || attempt == 50 { return image }
    }
  }

  /// Texts of three letters of `alphabet`, each another.
  static func texts(_ count: Int, of alphabet: String, seed: UInt64 = 1) -> [String] {
    let letters = Array(alphabet)
    var random = SeededRandom(seed: seed)
    var texts: [String] = []
    while texts.count < count {
      let text = String((0..<3).map { _ in letters[Int(random.uniform() * Double(letters.count))] })
      if !texts.contains(text) { texts.append(text) }
    }
    return texts
  }

  static func page() throws -> SyntheticPage {
    let texts = try WordTexts(words: ["ink", "paper", "writes", "hand", "letter", "word"])
    return try PageSynthesizer(words: WordSynthesizer(fonts: fonts, texts: texts), widths: 400...500)
      .page(seed: 3, index: 0)
  }
}

/// Images and a manifest in a folder: what a channel holds.
struct WordChannel {
  let folder: String

  init(_ folder: String) throws {
    self.folder = folder
    try Files.makeFolder(folder)
  }

  /// One image a word, each filled by its polygon.
  func add(_ words: [HandwrittenWords.Word], manifest: String = "words.manifest", source: String? = nil) throws {
    var pages: [PageAnnotation] = []
    for (index, word) in words.enumerated() {
      let name = "\(manifest)-\(index).png"
      try Files.write(try ImageEncoder.png(word.image), to: "\(folder)/\(name)", durable: false)
      pages.append(
        PageAnnotation(source: name, words: [Self.annotation(word.text, word.image)], collection: source))
    }
    try add(pages, manifest: manifest)
  }

  func add(_ pages: [PageAnnotation], manifest: String = "words.manifest") throws {
    let lines = pages.map { Manifest.line(for: $0) + "\n" }.joined()
    try Files.write(lines, to: "\(folder)/\(manifest)", durable: false)
  }

  static func annotation(_ text: String, _ image: GreyImage) -> WordAnnotation {
    let (right, bottom) = (Double(image.width), Double(image.height))
    return WordAnnotation(
      text: text,
      polygon: [
        Point(x: 0, y: 0), Point(x: right, y: 0), Point(x: right, y: bottom), Point(x: 0, y: bottom),
      ])
  }
}
