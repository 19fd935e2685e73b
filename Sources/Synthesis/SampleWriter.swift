import Glibc
import Handwriting
import HostKit
import ImageKit
import JSONKit

/// Draws one image of a set, writes its file, and tells its line of the manifest.
struct SampleWriter: Sendable {
  struct Sample: Sendable {
    let annotation: PageAnnotation
    let line: String
  }

  /// More files than this in one folder make many tools slow.
  static let imagesPerFolder = 1000

  let folder: String
  let words: WordSynthesizer
  let pages: PageSynthesizer
  let set: SyntheticSet

  static func imageFolder(_ index: Int) -> String { "images/\(digits(index / imagesPerFolder, 4))" }

  /// Word number `index`; pages come after the words.
  func write(_ index: Int) throws -> Sample {
    let isWord = index < set.words
    let source = "\(Self.imageFolder(index))/\(isWord ? "w" : "p")\(Self.digits(index, 6)).jpg"
    let drawn = isWord ? try word(index) : try page(index - set.words)
    // Not synced one by one: the set syncs them all before it writes the manifests.
    let path = "\(folder)/\(source)"
    let file = try Descriptor.open(path, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o644)
    try file.write(try ImageEncoder.jpeg(drawn.image, quality: quality(of: index)), path: path)
    let annotation = PageAnnotation(source: source, words: drawn.words, collection: "synthetic")
    return Sample(annotation: annotation, line: try line(for: annotation, image: drawn.image, writer: drawn.font))
  }

  private typealias Drawn = (image: GreyImage, words: [WordAnnotation], font: String)

  private func word(_ index: Int) throws(SynthesisError) -> Drawn {
    let word = try words.word(seed: set.seed, index: index)
    let (right, bottom) = (Double(word.image.width), Double(word.image.height))
    let corners = [Point(x: 0, y: 0), Point(x: right, y: 0), Point(x: right, y: bottom), Point(x: 0, y: bottom)]
    return (word.image, [WordAnnotation(text: word.text, polygon: corners, line: 0, kind: "H")], word.font)
  }

  private func page(_ index: Int) throws(SynthesisError) -> Drawn {
    let page = try pages.page(seed: set.seed, index: index)
    let words = page.words.map { word in
      var word = word
      word.polygon = word.polygon.map { Point(x: Self.tenths($0.x), y: Self.tenths($0.y)) }
      return word
    }
    return (page.image, words, page.font)
  }

  /// The common form, with what this set knows beyond it.
  private func line(for page: PageAnnotation, image: GreyImage, writer: String) throws -> String {
    var line = try JSON(parsing: Manifest.line(for: page)).object ?? JSON.Object()
    line["annotations-metadata"] = [
      "source": "synthetic", "writer": .string(writer), "composed": true,
      "image_size": [["width": .integer(Int64(image.width)), "height": .integer(Int64(image.height))]],
    ]
    return JSON.object(line).text
  }

  /// JPEG's own noise belongs to what a reader must bear.
  private func quality(of index: Int) -> Int {
    var random = SeededRandom(seed: ~set.seed, stream: UInt64(index))
    return random.integer(in: 60...95)
  }

  private static func tenths(_ value: Double) -> Double { (value * 10).rounded() / 10 }

  private static func digits(_ number: Int, _ count: Int) -> String {
    let text = String(number)
    return String(repeating: "0", count: max(0, count - text.count)) + text
  }
}
