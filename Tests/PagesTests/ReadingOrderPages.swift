import Glibc
import HostKit
import ImageKit
import Pages

/// Pages that are laid out for tests: the text of a word is its place in reading order.
struct DrawnPage {
  private(set) var words: [PageWord] = []
  var texts: [String] { words.map { $0.text ?? "" } }

  /// A word whose left end stands at `x` and whose middle is at `y`.
  mutating func add(_ text: String, x: Double, y: Double, width: Double, height: Double = 40) {
    let (top, bottom) = (y - height / 2, y + height / 2)
    let corners = [(x, top), (x + width, top), (x + width, bottom), (x, bottom)]
    words.append(PageWord(polygon: corners.map { Point(x: $0.0, y: $0.1) }, score: 1, text: text))
  }

  /// Words 80 wide, 100 apart, in lines 70 apart, named `name`line.word.
  mutating func addLines(_ count: Int, of words: Int, name: String = "", x: Double = 100, y: Double = 100) {
    for line in 0..<count {
      for word in 0..<words {
        add("\(name)\(line).\(word)", x: x + 100 * Double(word), y: y + 70 * Double(line), width: 80)
      }
    }
  }

  /// Every corner moved.
  func moved(_ move: (Point) -> Point) -> DrawnPage {
    var page = self
    for index in page.words.indices { page.words[index].polygon = page.words[index].polygon.map(move) }
    return page
  }

  func turned(by degrees: Double) -> DrawnPage {
    let (cosine, sine) = (cos(degrees * .pi / 180), sin(degrees * .pi / 180))
    return moved { Point(x: $0.x * cosine - $0.y * sine + 2_000, y: $0.x * sine + $0.y * cosine + 2_000) }
  }

  /// What comes out for the words in a mixed order.
  func arranged(seed: UInt64 = 1) -> [PageWord] {
    var random = SeededRandom(seed: seed)
    return ReadingOrder.arrange(words.shuffled(using: &random))
  }
}

extension Array where Element == PageWord {
  var texts: [String] { map { $0.text ?? "" } }

  /// The texts of each line.
  var linesOfTexts: [[String]] { ReadPage(width: 1, height: 1, words: self).lines.map { $0.map { $0.text ?? "" } } }

  /// Lines and blocks are numbered from 0, rise together, and leave no number out.
  var isWellNumbered: Bool {
    guard let first else { return true }
    return first.line == 0 && first.block == 0
      && zip(self, dropFirst()).allSatisfy { one, next in
        (one.line...one.line + 1).contains(next.line) && (one.block...one.block + 1).contains(next.block)
          && (next.line > one.line || next.block == one.block)
      }
  }

  /// Something that is on the page at random: words of any size, anywhere.
  static func random(_ count: Int, seed: UInt64) -> [PageWord] {
    var random = SeededRandom(seed: seed)
    return (0..<count).map { number in
      let (x, y) = (random.uniform(in: 0...3_000), random.uniform(in: 0...4_000))
      let (width, height) = (random.uniform(in: 1...200), random.uniform(in: 1...80))
      let lean = random.uniform(in: -20...20)
      let corners = [(x, y), (x + width, y + lean), (x + width, y + height + lean), (x, y + height)]
      return PageWord(polygon: corners.map { Point(x: $0.0, y: $0.1) }, score: random.uniform(), text: "\(number)")
    }
  }
}
