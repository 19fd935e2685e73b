/// How one word was read, as numbers.
public struct WordScore: Sendable, Equatable {
  public let characterErrors: Int
  public let referenceCharacters: Int
  public let wordErrors: Int
  public let referenceWords: Int
  public let isExact: Bool

  public init(reference: String, reading: String) {
    isExact = reference == reading
    characterErrors = isExact ? 0 : EditDistance.characters(reference, reading)
    wordErrors = isExact ? 0 : EditDistance.words(reference, reading)
    referenceCharacters = reference.count
    referenceWords = reference.split(whereSeparator: \.isWhitespace).count
  }
}

/// Sums of scores. Rates are micro-averages: all errors over the length of all references, so a long word weighs more.
/// A rate is 0 while nothing was scored; error rates pass 1 when more was read than written.
public struct ErrorRates: Sendable, Equatable {
  public private(set) var samples = 0
  public private(set) var exactMatches = 0
  public private(set) var characterErrors = 0
  public private(set) var referenceCharacters = 0
  public private(set) var wordErrors = 0
  public private(set) var referenceWords = 0

  public init() {}

  public var characterErrorRate: Double { Self.ratio(characterErrors, referenceCharacters) }
  public var wordErrorRate: Double { Self.ratio(wordErrors, referenceWords) }
  public var exactMatchRate: Double { Self.ratio(exactMatches, samples) }

  public mutating func add(_ score: WordScore) {
    samples += 1
    exactMatches += score.isExact ? 1 : 0
    characterErrors += score.characterErrors
    referenceCharacters += score.referenceCharacters
    wordErrors += score.wordErrors
    referenceWords += score.referenceWords
  }

  public mutating func add(reference: String, reading: String) {
    add(WordScore(reference: reference, reading: reading))
  }

  public static func + (left: ErrorRates, right: ErrorRates) -> ErrorRates {
    var sum = left
    sum.samples += right.samples
    sum.exactMatches += right.exactMatches
    sum.characterErrors += right.characterErrors
    sum.referenceCharacters += right.referenceCharacters
    sum.wordErrors += right.wordErrors
    sum.referenceWords += right.referenceWords
    return sum
  }

  private static func ratio(_ part: Int, _ whole: Int) -> Double { whole == 0 ? 0 : Double(part) / Double(whole) }
}

/// Scores of a whole evaluation, apart for each collection that the pages come from.
public struct CollectionScores: Sendable, Equatable {
  public private(set) var overall = ErrorRates()
  public private(set) var collections: [String: ErrorRates] = [:]
  /// Every score in the order of adding: what a `BootstrapInterval` is drawn from.
  public private(set) var words: [WordScore] = []

  public init() {}

  /// - Parameter collection: where the word comes from; nil counts in `overall` only.
  public mutating func add(reference: String, reading: String, collection: String? = nil) {
    let score = WordScore(reference: reference, reading: reading)
    words.append(score)
    overall.add(score)
    if let collection { collections[collection, default: ErrorRates()].add(score) }
  }
}
