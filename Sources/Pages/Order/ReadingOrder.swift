import ImageKit

/// The order in which the words of a page are read, by where they stand alone: their texts have no say.
///
/// Words that read to the right, on a page whose lines are within about 40 degrees of level (turn a page that lies on
/// its side first). Words are joined to lines, which may drift and bend; gutters part columns; lines make blocks.
public enum ReadingOrder {
  /// Numbers lines and blocks (over the whole page, from 0, without gaps) and sorts the words as they are read.
  ///
  /// The order of what is given does not matter, nor do the numbers it has; words that are equal in all but these stay
  /// equal. Words without a finite point come last, on a line of their own. Time grows a little faster than linearly
  /// with the number of words, whatever they are.
  public static func arrange(_ words: [PageWord]) -> [PageWord] {
    let words = words.map { (word: $0, rank: CanonicalRank($0)) }.sorted { $0.rank < $1.rank }.map(\.word)
    let polygons = words.map { PlacedWord.bounded($0.polygon) }
    let skew = skew(ofBounded: polygons)
    let placed = polygons.map { PlacedWord($0, turnedBackBy: skew) }
    let somewhere = placed.indices.filter { placed[$0] != nil }
    let nowhere = placed.indices.filter { placed[$0] == nil }
    var blocks = blocks(placed.compactMap(\.self)).map { $0.map { $0.map { somewhere[$0] } } }
    if !nowhere.isEmpty { blocks.append([nowhere]) }
    return number(blocks, of: words)
  }

  /// How far the lines fall to the right, in degrees: what the page has to be turned counter-clockwise by to be level.
  /// The median of the words' own directions, the long ones' where there are some; 0 for no words.
  public static func skew(of words: [PageWord]) -> Double {
    skew(ofBounded: words.map { PlacedWord.bounded($0.polygon) })
  }

  private static func skew(ofBounded polygons: [[Point]]) -> Double {
    let quads = polygons.compactMap { Quad(around: $0) }
    for aspect in [2.0, 1.2, 0] {
      let wide = quads.filter { $0.width >= aspect * $0.height }
      if let median = median(wide.map { ($0.baselineDegrees, $0.width) }) { return median }
    }
    return 0
  }

  /// Blocks of lines of word indices.
  private static func blocks(_ words: [PlacedWord]) -> [[[Int]]] {
    guard let usualHeight = median(words.map { ($0.height, $0.width) }) else { return [] }
    let strips = WordStrips(words, stripHeight: usualHeight)
    let gutters = GutterFinder(words: words, usualHeight: usualHeight).gutters(strips)
    var tracer = LineTracer(words, usualHeight: usualHeight, gutters: gutters)
    let traced = tracer.lines(strips)
    let gathering = LineGathering(words: words, usualHeight: usualHeight, strips: strips)
    let lines = gathering.gather(traced)
    let order = LineOrder(words: words, usualHeight: usualHeight, strips: strips, lines: lines)
    let regions = order.regions(gutters)
    let paragraphs = Paragraphs(lines, regions: regions, usualHeight: usualHeight)
    return regions.flatMap { paragraphs.blocks(of: $0) }.map { $0.map { lines[$0].members } }
  }

  private static func number(_ blocks: [[[Int]]], of words: [PageWord]) -> [PageWord] {
    var arranged: [PageWord] = []
    var line = 0
    for (block, lines) in blocks.enumerated() {
      for members in lines {
        for member in members {
          var word = words[member]
          (word.line, word.block) = (line, block)
          arranged.append(word)
        }
        line += 1
      }
    }
    return arranged
  }

  /// The value that half of the weight is not above. No entry weighs much more than a usual one, so that one that is
  /// absurd does not decide alone.
  private static func median(_ values: [(value: Double, weight: Double)]) -> Double? {
    guard !values.isEmpty else { return nil }
    let most = 3 * values.map(\.weight).sorted()[values.count / 2]
    let sorted = values.map { (value: $0.value, weight: min($0.weight, most)) }
      .sorted { ($0.value, $0.weight) < ($1.value, $1.weight) }
    let half = sorted.reduce(0) { $0 + $1.weight } / 2
    var sum = 0.0
    for entry in sorted {
      sum += entry.weight
      if sum >= half { return entry.value }
    }
    return sorted.last?.value
  }
}
