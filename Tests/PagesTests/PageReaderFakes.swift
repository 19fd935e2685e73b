import Handwriting
import ImageKit
import Pages
import Segmentation
import Synchronization

/// Finds the bounding boxes of dark patches, and counts how often it was asked.
final class PatchLocaliser: WordLocaliser {
  struct Broken: Error {}
  let calls = Mutex(0)

  func locate(_ page: GreyImage) throws -> [WordRegion] {
    calls.withLock { $0 += 1 }
    var seen = [Bool](repeating: false, count: page.pixels.count)
    var regions: [WordRegion] = []
    for start in page.pixels.indices where page.pixels[start] < 128 && !seen[start] {
      seen[start] = true
      var open = [start]
      var (left, right, top, bottom) = (page.width, 0, page.height, 0)
      while let at = open.popLast() {
        let (x, y) = (at % page.width, at / page.width)
        (left, right, top, bottom) = (
          min(left, x), max(right, x + 1), min(top, y), max(bottom, y + 1)
        )
        for (column, row) in [(x - 1, y), (x + 1, y), (x, y - 1), (x, y + 1)] {
          guard (0..<page.width).contains(column), (0..<page.height).contains(row) else { continue }
          let next = row * page.width + column
          if page.pixels[next] < 128 && !seen[next] {
            seen[next] = true
            open.append(next)
          }
        }
      }
      regions.append(WordRegion(polygon: box(left, top, right, bottom), score: 0.9))
    }
    return regions
  }
}

/// Reads the width of a word whose left end is darker than its right one; any other it can hardly read.
final class PatchReader: WordReader {
  /// How many words it was given at a time.
  let batches = Mutex<[Int]>([])
  var wordsRead: Int { batches.withLock { $0.reduce(0, +) } }

  func read(_ words: [GreyImage], options: ReadingOptions) throws -> [WordReading] {
    batches.withLock { $0.append(words.count) }
    return words.map { word in
      let third = max(1, word.width / 3)
      let (left, right) = (shade(word, 0..<third), shade(word, (word.width - third)..<word.width))
      let isUpright = left + 15 < right && word.width > word.height
      return WordReading(
        best: .init(text: isUpright ? "w" : "?", confidence: isUpright ? 0.95 : 0.1))
    }
  }

  private func shade(_ word: GreyImage, _ columns: Range<Int>) -> Double {
    var sum = 0
    for y in 0..<word.height { for x in columns { sum += Int(word[x, y]) } }
    return Double(sum) / Double(word.height * columns.count)
  }
}

func box(_ left: Int, _ top: Int, _ right: Int, _ bottom: Int) -> [Point] {
  [(left, top), (right, top), (right, bottom), (left, bottom)].map {
    Point(x: Double($0.0), y: Double($0.1))
  }
}

/// A page of four lines, which end anywhere but begin below each other; each word's left end is its darkest part.
func patchPage() -> GreyImage {
  var page = GreyImage(width: 220, height: 160, shade: 235)
  for (line, widths) in [[40, 30, 50], [60, 30], [30, 30, 30], [45]].enumerated() {
    var left = 20
    for width in widths {
      for y in (20 + line * 32)..<(32 + line * 32) {
        for x in left..<(left + width) { page[x, y] = x < left + width / 3 ? 10 : 110 }
      }
      left += width + 12
    }
  }
  return page
}

/// The page as a camera sees it that was turned counterclockwise so often by 90 degrees: to be upright it has to be
/// turned clockwise as often.
func turned(_ page: GreyImage, quarters: Int) -> GreyImage {
  (0..<quarters).reduce(page) { page, _ in
    var result = GreyImage(width: page.height, height: page.width)
    for y in 0..<page.height {
      for x in 0..<page.width { result[y, page.width - 1 - x] = page[x, y] }
    }
    return result
  }
}
