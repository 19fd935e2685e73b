public import Handwriting
import ImageKit

/// How the words that were found on one page meet those that are there.
public struct DetectionMatching: Sendable {
  /// Which found region meets which true word, and how well: all pairs that share any area.
  public struct Pair: Sendable {
    public let truth: Int
    public let found: Int
    /// Intersection over union.
    public let overlap: Double
  }

  /// From the protocol of the ICDAR 2015 robust reading competition.
  public static let leastOverlap = 0.5

  /// By true word: whether it has to be found.
  public let counts: [Bool]
  /// By found region: it lies on something that need not be found, and is neither right nor wrong.
  public let isIgnored: [Bool]
  /// By found region.
  let scores: [Double]
  /// The best first; without what need not be found.
  let pairs: [Pair]

  public init(truth: [WordAnnotation], found: [WordRegion]) {
    let wanted = truth.map { Polygon($0.polygon) }
    let regions = found.map { Polygon($0.polygon) }
    let counts = truth.map(\.isReadable)
    scores = found.map(\.score)
    var ignored = [Bool](repeating: false, count: found.count)
    var pairs: [Pair] = []
    for (truth, word) in wanted.enumerated() {
      for (index, region) in regions.enumerated() where word.bounds.overlaps(region.bounds) {
        if counts[truth] {
          let overlap = word.intersectionOverUnion(with: region)
          if overlap > 0 { pairs.append(Pair(truth: truth, found: index, overlap: overlap)) }
        } else if word.intersectionArea(with: region) > 0.5 * region.area {
          ignored[index] = true
        }
      }
    }
    pairs.sort { one, other in
      if one.overlap != other.overlap { return one.overlap > other.overlap }
      return (one.truth, one.found) < (other.truth, other.found)
    }
    self.counts = counts
    self.pairs = pairs
    isIgnored = ignored
  }

  /// One true word to one found region. The pair that overlaps most goes first: unlike the order of the competition's
  /// script (that of the files) this gives the same answer for shuffled input, and unlike the order of scores it does not
  /// ask a number that the protocol does not have.
  public func matches(atLeast least: Double = leastOverlap) -> [Pair] {
    var isTaken = (truth: counts.map { !$0 }, found: isIgnored)
    var matches: [Pair] = []
    for pair in pairs where pair.overlap >= least && !isTaken.truth[pair.truth] && !isTaken.found[pair.found] {
      isTaken.truth[pair.truth] = true
      isTaken.found[pair.found] = true
      matches.append(pair)
    }
    return matches
  }
}
