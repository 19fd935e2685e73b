import ImageKit
import Segmentation

/// A page, turned some way, and the words that were found on it.
struct LocatedPage {
  /// Turned.
  let image: GreyImage
  /// How it was turned from the page as it came.
  let turn: PageTurn
  /// On the turned page.
  let regions: [WordRegion]
  /// Whether the words were looked for on this very image; false where they follow from another one.
  let isLocated: Bool

  /// Words of at least this ratio of sides count as flat, or as standing on end.
  private static let clearRatio = 1.25
  private static let fewestStanding = 3
  /// Longer ones are lines that were taken for words.
  private static let longestRatio = 12.0

  /// Whether more words stand on end than lie flat.
  var isSideways: Bool {
    var (flat, standing) = (0, 0)
    for quad in regions.compactMap({ Quad(around: $0.polygon) }) {
      if quad.width >= Self.clearRatio * quad.height { flat += 1 }
      if quad.height >= Self.clearRatio * quad.width { standing += 1 }
    }
    return standing >= Self.fewestStanding && standing > flat
  }

  /// The same page and words, upside down.
  var opposite: LocatedPage {
    let regions = regions.map { region in
      let polygon = region.polygon.map {
        PageTurn.half.place(of: $0, width: image.width, height: image.height)
      }
      return WordRegion(polygon: polygon, score: region.score)
    }
    return LocatedPage(
      image: PageTurn.half.turned(image), turn: turn.followed(by: .half), regions: regions,
      isLocated: false)
  }

  /// The polygons of the longest words: they tell most of a page's way up.
  func longestWords(_ count: Int) -> [[Point]] {
    let sized = regions.compactMap { region in
      Quad(around: region.polygon).map {
        (polygon: region.polygon, width: $0.width, height: $0.height)
      }
    }
    let words = sized.filter { $0.width <= Self.longestRatio * $0.height }
    return words.sorted { $0.width > $1.width }.prefix(count).map(\.polygon)
  }

  /// In reading order, on the turned page.
  var orderedWords: [PageWord] {
    ReadingOrder.arrange(regions.map { PageWord(polygon: $0.polygon, score: $0.score) })
  }

  /// Whether the beginnings of the lines stray less than their ends.
  var beginsEvenly: Bool {
    let words = ReadPage(width: image.width, height: image.height, words: orderedWords)
    let lines = words.lines.map { line in line.flatMap(\.polygon).map(\.x) }
    return Self.stray(lines.compactMap { $0.min() }) <= Self.stray(lines.compactMap { $0.max() })
  }

  /// The words in reading order, on the page as it came.
  var readPage: ReadPage { readPage(of: orderedWords) }

  /// - Parameter words: on the turned page.
  func readPage(of words: [PageWord]) -> ReadPage {
    let back = turn.back
    let words = words.map { word in
      var word = word
      word.polygon = word.polygon.map {
        back.place(of: $0, width: image.width, height: image.height)
      }
      return word
    }
    let size = back.size(width: image.width, height: image.height)
    return ReadPage(width: size.width, height: size.height, rotation: turn.rawValue, words: words)
  }

  /// Mean distance from the median.
  private static func stray(_ values: [Double]) -> Double {
    guard !values.isEmpty else { return 0 }
    let median = values.sorted()[values.count / 2]
    return values.reduce(0) { $0 + abs($1 - median) } / Double(values.count)
  }
}
