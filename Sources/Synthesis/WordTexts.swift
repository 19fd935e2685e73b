import HostKit

/// What is written: words in about the lengths of running English text, with capitals, numbers and punctuation.
public struct WordTexts: Sendable {
  /// Words by length: `byLength[n]` holds those of n characters.
  private let byLength: [[String]]
  /// `lengthLimits[n]`: the share of words of at most n characters, of those lengths that there are.
  private let lengthLimits: [Double]
  /// Written again and again; empty when the words come from the user's own list.
  private let frequent: [String]

  /// Where Debian puts its list of words.
  public static let systemList = "/usr/share/dict/words"
  /// In characters; longer words are left out.
  public static let maximumLength = 24
  private static let maximumWords = 1_000_000
  private static let maximumFileSize = 64 << 20

  /// Share of words of each length (1, 2, ...) in running English text.
  private static let lengthShares: [Double] = [
    0.028, 0.163, 0.211, 0.171, 0.116, 0.083, 0.078, 0.057, 0.036, 0.026, 0.016, 0.008, 0.005,
  ]
  private static let longWordShare = 0.002

  /// Words without white space, of at most `maximumLength` characters; others are left out.
  /// - Throws: when no word is left.
  public init(words: [String], frequent: [String] = []) throws {
    var byLength = [[String]](repeating: [], count: Self.maximumLength + 1)
    for word in words {
      let length = word.count
      guard (1...Self.maximumLength).contains(length), !word.contains(where: Self.cannotBeWritten) else { continue }
      byLength[length].append(word)
    }
    var total = 0.0
    let shares = byLength.enumerated().map { length, words -> Double in
      if !words.isEmpty {
        total += length <= Self.lengthShares.count ? Self.lengthShares[length - 1] : Self.longWordShare
      }
      return total
    }
    guard total > 0 else {
      throw SynthesisError(.noTexts, "texts: there is no word of 1 to \(Self.maximumLength) characters among them")
    }
    self.byLength = byLength
    lengthLimits = shares.map { $0 / total }
    self.frequent = frequent
  }

  /// The words of a file (one a line, or separated by other white space); for nil the system's English list where
  /// there is one, mixed with the frequent words, or the frequent words alone.
  public static func load(from path: String?) throws -> WordTexts {
    guard let path else {
      let frequent = FrequentWords.english
      guard Files.isReadable(systemList) else { return try WordTexts(words: frequent, frequent: frequent) }
      let plain = try words(in: systemList).enumerated().filter { isOrdinary($1, number: $0) }.map(\.element)
      return try WordTexts(words: plain + frequent, frequent: frequent)
    }
    do {
      return try WordTexts(words: try words(in: path))
    } catch let error as SynthesisError {
      throw SynthesisError(error.code, "texts from \(path): no word of 1 to \(maximumLength) characters in it")
    }
  }

  /// Those words only that `isWritable` says can be written.
  func keeping(_ isWritable: (String) -> Bool) throws -> WordTexts {
    try WordTexts(words: byLength.joined().filter(isWritable), frequent: frequent.filter(isWritable))
  }

  /// Every character that may be asked for.
  var alphabet: Set<Character> {
    var characters = Set(TextDecoration.alphabet)
    for word in byLength.joined() { characters.formUnion(word) }
    return characters
  }

  /// One text, without white space.
  func text(using random: inout SeededRandom) -> String {
    TextDecoration.decorated(word(using: &random), using: &random)
  }

  /// One word as the list has it: short ones as often as in running text.
  func word(using random: inout SeededRandom) -> String {
    if !frequent.isEmpty, random.chance(0.35) {
      // The square makes the first of the list the most frequent.
      let place = random.uniform()
      return frequent[min(frequent.count - 1, Int(place * place * Double(frequent.count)))]
    }
    let share = random.uniform()
    let length = lengthLimits.firstIndex { share < $0 } ?? Self.maximumLength
    return random.element(of: byLength[length])
  }

  /// A list of all words is not how people write: its short entries are abbreviations, and a third are genitives.
  private static func isOrdinary(_ word: String, number: Int) -> Bool {
    guard word.utf8.allSatisfy({ (0x21...0x7E).contains($0) }) else { return false }
    if word.hasSuffix("'s") { return number % 10 == 0 }
    return word.utf8.count > 3 || word.utf8.count == 3 && word.allSatisfy(\.isLowercase)
  }

  private static func words(in path: String) throws -> [String] {
    let bytes = try Files.read(path, limit: maximumFileSize)
    return String(decoding: bytes, as: UTF8.self).split(maxSplits: maximumWords, whereSeparator: \.isWhitespace)
      .prefix(maximumWords).map(String.init)
  }

  private static func cannotBeWritten(_ character: Character) -> Bool {
    character.isWhitespace || character.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) }
  }
}
