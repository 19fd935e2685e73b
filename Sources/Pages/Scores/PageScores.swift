public import Handwriting
import Segmentation

/// How well pages were read from end to end, against what is written on them.
///
/// Texts are compared as they stand: upper and lower case and punctuation count. Words that cannot be read (see
/// `WordAnnotation.isReadable`) are neither wanted nor punished: what was read on them is left out everywhere.
public struct PageScores: Sendable {
  /// Over all pages.
  public private(set) var overall = PageRates()
  /// Apart for each collection that pages come from.
  public private(set) var collections: [String: PageRates] = [:]
  /// In the order of adding.
  private var pages: [(collection: String?, rates: PageRates)] = []

  public init() {}

  public mutating func add(truth: PageAnnotation, read: ReadPage) {
    let rates = Self.rates(of: truth.words, read: read)
    overall = overall + rates
    if let collection = truth.collection {
      collections[collection] = collections[collection, default: PageRates()] + rates
    }
    pages.append((truth.collection, rates))
  }

  /// Between which bounds the rates would lie on other pages of the same kind (95 %).
  /// - Parameter collection: nil for all pages.
  /// - Returns: nil for fewer than `PageResampling.leastPages`.
  public func interval(of collection: String? = nil, seed: UInt64) -> PageIntervals? {
    let rates = pages.filter { collection == nil || $0.collection == collection }.map(\.rates)
    guard rates.count >= PageResampling.leastPages else { return nil }
    let sums = PageResampling(pages: rates.count, seed: seed).sums(of: rates, from: PageRates()) { $0 = $0 + $1 }
    return PageIntervals(
      characterErrorRate: PageResampling.interval(sums.map(\.characterErrorRate)),
      wordAccuracy: PageResampling.interval(sums.map(\.wordAccuracy)),
      endToEndHmean: PageResampling.interval(sums.map(\.endToEnd.hmean)))
  }

  private static func rates(of truth: [WordAnnotation], read: ReadPage) -> PageRates {
    let matching = DetectionMatching(
      truth: truth, found: read.words.map { WordRegion(polygon: $0.polygon, score: $0.score) })
    let readings = zip(read.words, matching.isIgnored).filter { !$0.1 }.map { $0.0.text ?? "" }
    let texts = inOrder(truth).map(\.text)
    var rates = PageRates()
    rates.pages = 1
    let reference = texts.joined(separator: " ")
    let reading = readings.filter { !$0.isEmpty }.joined(separator: " ")
    rates.characterErrors = LongEditDistance.characters(reference, reading)
    rates.referenceCharacters = reference.count
    rates.words = texts.count
    rates.wordsRead = shared(texts, readings)
    let right = matching.matches().count { truth[$0.truth].text == read.words[$0.found].text }
    rates.endToEnd = DetectionRates(matched: right, truth: texts.count, found: readings.count)
    return rates
  }

  /// Line by line; within a line, and where lines are not told, as the manifest has them.
  private static func inOrder(_ words: [WordAnnotation]) -> [WordAnnotation] {
    var line = 0
    let placed = words.enumerated().map { index, word in
      line = word.line ?? line
      return (line: line, index: index, word: word)
    }
    return placed.sorted { ($0.line, $0.index) < ($1.line, $1.index) }.map(\.word).filter(\.isReadable)
  }

  /// How many of the words are among the readings, each reading once.
  private static func shared(_ words: [String], _ readings: [String]) -> Int {
    var left: [String: Int] = [:]
    for reading in readings { left[reading, default: 0] += 1 }
    return words.count { word in
      guard let count = left[word], count > 0 else { return false }
      left[word] = count - 1
      return true
    }
  }
}

/// 95 % bootstrap intervals over pages.
public struct PageIntervals: Sendable, Equatable {
  public let characterErrorRate: ClosedRange<Double>
  public let wordAccuracy: ClosedRange<Double>
  public let endToEndHmean: ClosedRange<Double>
}
