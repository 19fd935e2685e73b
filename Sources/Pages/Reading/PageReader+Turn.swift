import Handwriting
import ImageKit

/// Which way up a page is: asked only when something speaks against the way it came.
extension PageReader {
  /// A page whose words are read with less confidence, on average, may be upside down.
  static let doubt = 0.5
  /// By how much another way up must be better than the one that it came in, in mean confidence.
  private static let margin = 0.1
  /// A way up that is read with less confidence than this convinces nobody, however much worse the others are.
  private static let leastConviction = 0.35
  /// Words that are read to compare ways up.
  private static let sample = 12

  /// The way up of a page whose words lie flat and are hardly read: upside down if that is read much better, else on
  /// its side, as a page whose lines were taken for words may be.
  func turn(ofDoubtful page: LocatedPage, page image: GreyImage, by reader: any WordReader) throws
    -> PageTurn
  {
    let flat = try mostConfident([page, page.opposite], by: reader)
    guard try confidence(of: flat, by: reader) < Self.doubt else { return flat.turn }
    let quarter = try located(image, turned: .quarter)
    let best = try mostConfident([flat, quarter, quarter.opposite], by: reader)
    // Where no way up is read well the model does not know this hand, and says nothing about the way up.
    return try confidence(of: best, by: reader) < Self.leastConviction ? .none : best.turn
  }

  /// The page whose longest words are read best; a later one must be better by a margin than those before it.
  func mostConfident(_ pages: [LocatedPage], by reader: any WordReader) throws -> LocatedPage {
    var best = pages[0]
    var highest = try confidence(of: best, by: reader)
    for page in pages.dropFirst() {
      let found = try confidence(of: page, by: reader)
      guard found > highest + Self.margin else { continue }
      (best, highest) = (page, found)
    }
    return best
  }

  private func confidence(of page: LocatedPage, by reader: any WordReader) throws -> Double {
    let polygons = page.longestWords(Self.sample)
    guard !polygons.isEmpty else { return 0 }
    let found = try readings(of: polygons, on: page.image, by: reader)
    return found.reduce(0) { $0 + ($1?.text.isEmpty == false ? $1?.confidence ?? 0 : 0) }
      / Double(found.count)
  }

  /// The words of a page that lies on its side, where nobody can read: of the two ways to set it up, the one in which
  /// lines begin below each other more evenly than they end, as written lines do.
  func laid(_ page: GreyImage) throws -> LocatedPage {
    let quarter = try located(page, turned: .quarter)
    return quarter.beginsEvenly ? quarter : try located(page, turned: .threeQuarters)
  }
}
