/// Average precision as COCO computes it: regions in the order of their scores, over all pages together.
public struct AveragePrecision: Sendable, Equatable {
  /// The intersections over union that are asked for: 0.5, 0.55 ... 0.95.
  public static let overlaps: [Double] = (0..<10).map { 0.5 + 0.05 * Double($0) }

  /// One for each of `overlaps`; 0 when there are no words.
  public let byOverlap: [Double]

  /// At an intersection over union of 0.5.
  public var at50: Double { byOverlap[0] }
  /// The mean over all of `overlaps`.
  public var mean: Double { byOverlap.reduce(0, +) / Double(byOverlap.count) }

  init(of pages: [PageRanking]) {
    let truth = pages.reduce(0) { $0 + $1.truthCount }
    var ranked: [(score: Double, page: Int, index: Int)] = []
    for (page, ranking) in pages.enumerated() {
      for (index, score) in ranking.scores.enumerated() { ranked.append((score, page, index)) }
    }
    ranked.sort { ($1.score, $0.page, $0.index) < ($0.score, $1.page, $1.index) }
    byOverlap = Self.overlaps.indices.map { level in
      let outcomes = ranked.lazy.map { pages[$0.page].outcomes[level][$0.index] }
      return Self.area(under: outcomes, truth: truth)
    }
  }

  /// The mean of the precision at the recalls 0, 0.01 ... 1; at each the best that is reached there or later.
  private static func area(under outcomes: some Sequence<PageRanking.Outcome>, truth: Int) -> Double {
    guard truth > 0 else { return 0 }
    var (hits, misses) = (0, 0)
    var curve: [(recall: Double, precision: Double)] = []
    for outcome in outcomes where outcome != .ignored {
      if outcome == .hit { hits += 1 } else { misses += 1 }
      curve.append((Double(hits) / Double(truth), Double(hits) / Double(hits + misses)))
    }
    for index in curve.indices.dropLast().reversed() {
      curve[index].precision = max(curve[index].precision, curve[index + 1].precision)
    }
    var sum = 0.0
    var place = 0
    for step in 0...100 {
      while place < curve.count, curve[place].recall < Double(step) / 100 { place += 1 }
      sum += place < curve.count ? curve[place].precision : 0
    }
    return sum / 101
  }
}

/// What average precision needs to know of a page.
struct PageRanking: Sendable {
  enum Outcome: Sendable { case hit, miss, ignored }

  let truthCount: Int
  /// The surest region first.
  let scores: [Double]
  /// By level of `AveragePrecision.overlaps`, then by region as in `scores`.
  let outcomes: [[Outcome]]

  /// COCO's way: the surest region takes the free word that it overlaps most.
  init(_ matching: DetectionMatching) {
    truthCount = matching.counts.count { $0 }
    let order = matching.scores.indices.sorted {
      (matching.scores[$1], $0) < (matching.scores[$0], $1)
    }
    scores = order.map { matching.scores[$0] }
    var candidates = [[DetectionMatching.Pair]](repeating: [], count: order.count)
    for pair in matching.pairs where pair.overlap >= DetectionMatching.leastOverlap {
      candidates[pair.found].append(pair)
    }
    outcomes = AveragePrecision.overlaps.map { least in
      var isTaken = [Bool](repeating: false, count: matching.counts.count)
      return order.map { found in
        guard let best = candidates[found].first(where: { !isTaken[$0.truth] && $0.overlap >= least }) else {
          return matching.isIgnored[found] ? .ignored : .miss
        }
        isTaken[best.truth] = true
        return .hit
      }
    }
  }
}
