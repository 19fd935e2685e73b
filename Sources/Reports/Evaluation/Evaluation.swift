public import Handwriting
public import Pages
public import Segmentation

/// A model against the truth, page by page: whether the words were found, what was read at their places, and the text
/// of the whole pages.
public struct Evaluation: Sendable {
  /// Finding words.
  public private(set) var detection = DetectionScores()
  /// Whole pages from end to end.
  public private(set) var reading = PageScores()
  /// Characters mistaken in the words that were found.
  public private(set) var confusions = CharacterConfusions()
  /// What went wrong, in the order of adding.
  public private(set) var outcomes: [WordOutcome] = []
  /// The words that were found, with where their pages come from.
  private var found: [(collection: String?, score: WordScore)] = []
  public private(set) var collections: [String] = []

  public init() {}

  public var pageCount: Int { detection.pageCount }

  /// - Parameter read: a page of no words when nobody read it.
  public mutating func add(truth: PageAnnotation, read: ReadPage) {
    let page = pageCount
    let regions = read.words.map { WordRegion(polygon: $0.polygon, score: $0.score) }
    let matching = DetectionMatching(truth: truth.words, found: regions)
    var partner = [Int?](repeating: nil, count: truth.words.count)
    var isFree = matching.isIgnored.map { !$0 }
    for match in matching.matches() {
      partner[match.truth] = match.found
      isFree[match.found] = false
    }
    for (index, word) in truth.words.enumerated() where word.isReadable {
      addWord(word, read: partner[index].map { read.words[$0] }, page: page, of: truth)
    }
    for (index, word) in read.words.enumerated() where isFree[index] {
      outcomes.append(
        WordOutcome(
          kind: .extra, page: page, source: truth.source, truth: nil, reading: word.text,
          confidence: word.confidence ?? word.score, errors: word.text?.count ?? 0, polygon: word.polygon))
    }
    detection.add(truth: truth.words, found: regions, collection: truth.collection)
    reading.add(truth: truth, read: read)
    if let collection = truth.collection, !collections.contains(collection) { collections.append(collection) }
  }

  private mutating func addWord(_ word: WordAnnotation, read: PageWord?, page: Int, of truth: PageAnnotation) {
    guard let read else {
      outcomes.append(
        WordOutcome(
          kind: .missed, page: page, source: truth.source, truth: word.text, reading: nil, confidence: nil,
          errors: word.text.count, polygon: word.polygon))
      return
    }
    let text = read.text ?? ""
    let score = WordScore(reference: word.text, reading: text)
    found.append((truth.collection, score))
    confusions.add(reference: word.text, reading: text)
    guard !score.isExact else { return }
    outcomes.append(
      WordOutcome(
        kind: .wrong, page: page, source: truth.source, truth: word.text, reading: read.text,
        confidence: read.confidence, errors: score.characterErrors, polygon: word.polygon))
  }

  /// The worst first: wrong words by their edits, then by how sure the model was; missed ones by their length; false
  /// ones by how sure the model was.
  public func worst(_ kind: WordOutcome.Kind, limit: Int) -> [WordOutcome] {
    func weight(_ outcome: WordOutcome) -> (Int, Double) {
      kind == .extra ? (0, outcome.confidence ?? 0) : (outcome.errors, outcome.confidence ?? 0)
    }
    let sorted = outcomes.filter { $0.kind == kind }.enumerated().sorted { one, other in
      let (left, right) = (weight(one.element), weight(other.element))
      return left == right ? one.offset < other.offset : left > right
    }
    return sorted.prefix(limit).map(\.element)
  }

  /// Scores of the words that were found, of one collection or of all.
  func foundWords(of collection: String?) -> [WordScore] {
    found.filter { collection == nil || $0.collection == collection }.map(\.score)
  }
}
