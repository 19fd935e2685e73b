import ImageKit

/// Joins words to lines, the surest neighbours first.
///
/// Each word is offered to the words right of it; the offers are taken in order of their cost (how far, and how far off
/// the line), each joining the end of one chain with the start of another, if the trends of both chains agree there
/// (Kruskal's greedy forest with chains in place of trees; neighbours as in O'Gorman, "The document spectrum for page
/// layout analysis", IEEE PAMI 15(11), 1993). Only a few words around the joint count, so that a line may bend and drift.
struct LineTracer {
  /// Offers of each word that are kept.
  private static let offersPerWord = 6
  /// Words at the end of a chain that tell where it goes.
  private static let trendWords = 4
  /// Least overlap of two words that are offered to each other: a word with only a tail and one with only a head differ.
  private static let leastWordOverlap = 0.1
  /// Least overlap of two chains' bands that may be one line.
  private static let leastOverlap = 0.35
  private static let leastOverlapOfEnds = 0.1
  /// In usual heights.
  private static let narrow = 2.5
  private static let leastBand = 0.6
  private static let misfitCost = 4.0

  let words: [PlacedWord]
  let usualHeight: Double
  let gutters: [Gutter]
  private var next: [Int?]
  private var previous: [Int?]
  private var chain: [Int]

  private struct Offer {
    let cost: Double
    let from: Int
    let to: Int
  }

  /// - Parameter words: in a fixed order, which breaks ties.
  init(_ words: [PlacedWord], usualHeight: Double, gutters: [Gutter]) {
    self.words = words
    self.usualHeight = usualHeight
    self.gutters = gutters
    next = Array(repeating: nil, count: words.count)
    previous = next
    chain = Array(words.indices)
  }

  /// Lines of word indices, each from left to right.
  mutating func lines(_ strips: WordStrips) -> [[Int]] {
    let all = words.indices.flatMap { offers(of: $0, strips) }
    let offered = all.sorted { ($0.cost, $0.from, $0.to) < ($1.cost, $1.from, $1.to) }
    for offer in offered { accept(offer, leastOverlap: Self.leastOverlap) }
    // What now still ends beside a free start goes on there even if it fits badly.
    for offer in offered where gap(offer) < Self.narrow * usualHeight {
      accept(offer, leastOverlap: Self.leastOverlapOfEnds)
    }
    let (next, previous) = (next, previous)
    return words.indices.filter { previous[$0] == nil }.map { start in Array(sequence(first: start) { next[$0] }) }
  }

  private func offers(of index: Int, _ strips: WordStrips) -> [Offer] {
    let word = words[index]
    var offers: [Offer] = []
    let reach = min(max(word.height / 2, usualHeight), 4 * usualHeight) + usualHeight / 2
    strips.rightwards(of: word.centre.x, near: word.y(at: word.right), reach: reach) { other in
      if let cost = cost(index, other) { offers.append(Offer(cost: cost, from: index, to: other)) }
    }
    offers.sort { ($0.cost, $0.to) < ($1.cost, $1.to) }
    return Array(offers.prefix(Self.offersPerWord))
  }

  private func cost(_ index: Int, _ other: Int) -> Double? {
    let (word, candidate) = (words[index], words[other])
    guard index != other, candidate.centre.x > word.centre.x, candidate.right > word.right else { return nil }
    let gap = candidate.left - word.right
    guard gap > -0.5 * min(word.width, candidate.width) else { return nil }
    let middle = (candidate.left + word.right) / 2
    let overlap = Trend.overlap(word.y(at: middle), band(word), candidate.y(at: middle), band(candidate))
    // Over a wide gap a line may bend: the chains decide.
    let slack = min(max(gap / usualHeight - 1, 0) * 0.1, 0.6)
    guard overlap > Self.leastWordOverlap - slack else { return nil }
    guard !gutters.contains(where: { $0.parts(word, candidate) }) else { return nil }
    return max(gap, 0) / usualHeight + Self.misfitCost * (1 - min(overlap, 1))
  }

  /// A comma, a dash or a quotation mark may be anywhere on its line: what it covers is too little to compare.
  private func band(_ word: PlacedWord) -> Double { max(word.height, Self.leastBand * usualHeight) }

  private func gap(_ offer: Offer) -> Double { words[offer.to].left - words[offer.from].right }

  private mutating func accept(_ offer: Offer, leastOverlap: Double) {
    guard next[offer.from] == nil, previous[offer.to] == nil else { return }
    let (left, right) = (find(offer.from), find(offer.to))
    guard left != right else { return }
    let ending = Trend(neighbours(offer.from, along: previous))
    let start = Trend(neighbours(offer.to, along: next))
    let middle = (words[offer.from].right + words[offer.to].left) / 2
    let overlap = Trend.overlap(ending.y(at: middle), ending.height, start.y(at: middle), start.height)
    guard overlap > leastOverlap else { return }
    next[offer.from] = offer.to
    previous[offer.to] = offer.from
    chain[right] = left
  }

  private func neighbours(_ index: Int, along link: [Int?]) -> [PlacedWord] {
    sequence(first: index) { link[$0] }.prefix(Self.trendWords).map { words[$0] }
  }

  private mutating func find(_ index: Int) -> Int {
    var root = index
    while chain[root] != root {
      chain[root] = chain[chain[root]]
      root = chain[root]
    }
    return root
  }
}
