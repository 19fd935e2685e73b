import Handwriting
import HostKit
import ImageKit
import TensorKit

/// Pages of bars that a network can tell apart as words in seconds: no font is needed.
enum DrawnPages {
  static let size = 128
  /// False where there is nothing to compute with; why, is for `htr-worker` to tell.
  static let canBeTrained = (try? BackendChoice.automatic.make()) != nil

  /// Three lines of two or three words each, with some slope and noise.
  static func page(seed: UInt64, source: String? = nil) -> (image: GreyImage, words: [WordAnnotation]) {
    var random = SeededRandom(seed: seed)
    var image = GreyImage(width: size, height: size, shade: 230)
    for index in image.pixels.indices { image.pixels[index] = UInt8(215 + Int(random.uniform() * 30)) }
    var words: [WordAnnotation] = []
    for line in 0..<3 {
      var x = 6 + Int(random.uniform() * 12)
      let y = 10 + line * 38 + Int(random.uniform() * 8)
      while x < size - 30 {
        let width = 20 + Int(random.uniform() * 30)
        let right = min(size - 4, x + width)
        let height = 16 + Int(random.uniform() * 6)
        draw(&image, x..<right, y..<y + height, &random)
        words.append(
          WordAnnotation(
            text: "word\(words.count)",
            polygon: [
              Point(x: Double(x), y: Double(y)), Point(x: Double(right), y: Double(y)),
              Point(x: Double(right), y: Double(y + height)), Point(x: Double(x), y: Double(y + height)),
            ], line: line))
        x = right + 12 + Int(random.uniform() * 6)
      }
    }
    return (image, words)
  }

  /// Upright strokes with gaps, as letters have them.
  private static func draw(
    _ image: inout GreyImage, _ columns: Range<Int>, _ rows: Range<Int>, _ random: inout SeededRandom
  ) {
    for x in columns where (x - columns.lowerBound) % 4 < 2 {
      for y in rows { image[x, y] = UInt8(20 + Int(random.uniform() * 40)) }
    }
    for x in columns {
      image[x, rows.lowerBound] = 40
      image[x, rows.upperBound - 1] = 40
    }
  }

  /// Writes pages and their manifest into a channel's folder.
  static func add(
    _ count: Int, to folder: String, seed: UInt64 = 1, manifest: String = "pages.manifest", source: String? = nil
  ) throws {
    try Files.makeFolder(folder)
    var lines = ""
    for number in 0..<count {
      let (image, words) = page(seed: seed &* 1000 &+ UInt64(number))
      let name = "\(manifest)-\(number).png"
      try Files.write(try ImageEncoder.png(image), to: "\(folder)/\(name)", durable: false)
      lines += Manifest.line(for: PageAnnotation(source: name, words: words, collection: source)) + "\n"
    }
    try Files.write(lines, to: "\(folder)/\(manifest)", durable: false)
  }
}
