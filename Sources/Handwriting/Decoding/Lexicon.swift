/// The words that a text is likely made of. A written word is in the lexicon when its core, without the punctuation and
/// digits at its ends, stands in the list as it is, Capitalised or in UPPER CASE; numbers and bare punctuation are in
/// every lexicon.
public struct Lexicon: Sendable {
  /// How far into a written word one is.
  struct State: Hashable, Sendable {
    enum Part: UInt8 { case lead, core, tail }

    /// In the trie; -1 when the core cannot go on.
    var node: Int32 = 0
    var part = Part.lead
  }

  public static let maximumWords = 1_000_000
  static let maximumNodes = 8_000_000

  /// The cores with how often each was seen, in byte order.
  public let words: [(text: String, count: Int)]
  let charset: Charset
  private let trie: SymbolTrie
  /// Per node of the trie whether a word ends there.
  private let isWord: [Bool]
  /// Per class whether it may stand around a core: everything but letters.
  private let isFree: [Bool]

  /// Builds the lexicon from words, or from written texts: ends that are no letters are cut off.
  /// - Parameters:
  ///   - words: with how often each was seen; the same text may come more than once.
  ///   - minimumCount: cores that were seen less often are left out, as are those that the character set cannot write.
  public init(
    words: [(text: String, count: Int)], charset: Charset, minimumCount: Int = 1
  ) throws(ModelFileError) {
    var counts: [String: Int] = [:]
    for (text, count) in words where count > 0 {
      guard let core = Self.core(of: text), charset.encode(core) != nil else { continue }
      let (sum, overflow) = counts[core, default: 0].addingReportingOverflow(count)
      counts[core] = overflow ? .max : sum
      guard counts.count <= Self.maximumWords else {
        throw ModelFileError("the lexicon", "it has more than \(Self.maximumWords) words")
      }
    }
    self.words = counts.filter { $0.value >= minimumCount }.map { (text: $0.key, count: $0.value) }
      .sorted { $0.text.utf8.lexicographicallyPrecedes($1.text.utf8) }
    self.charset = charset
    (trie, isWord) = try Self.trie(of: self.words.map(\.text), charset: charset)
    isFree = [false] + charset.characters.map { !$0.isLetter }
  }

  public func contains(_ text: String) -> Bool { charset.encode(text).map { contains($0) } ?? false }

  func contains(_ classes: [Int32]) -> Bool {
    var state = State()
    for symbol in classes {
      guard let next = step(state, by: symbol) else { return false }
      state = next
    }
    return !classes.isEmpty && isEnd(state)
  }

  /// The state after one more character; nil when no word goes on so.
  func step(_ state: State, by symbol: Int32) -> State? {
    let isFree = isFree[Int(symbol)]
    if isFree, state.part == .lead { return state }
    let node = state.node < 0 ? -1 : trie.child(of: Int(state.node), by: UInt16(symbol))
    if isFree, state.part == .tail || isWordEnd(state) { return State(node: Int32(node), part: .tail) }
    return node < 0 ? nil : State(node: Int32(node), part: .core)
  }

  func isEnd(_ state: State) -> Bool { state.part != .core || isWordEnd(state) }

  private func isWordEnd(_ state: State) -> Bool { state.node >= 0 && isWord[Int(state.node)] }

  /// From the first letter to the last; nil when there is none.
  private static func core(of text: String) -> String? {
    guard let first = text.firstIndex(where: \.isLetter), let last = text.lastIndex(where: \.isLetter) else {
      return nil
    }
    return String(text[first...last])
  }

  private static func trie(of words: [String], charset: Charset) throws(ModelFileError) -> (SymbolTrie, [Bool]) {
    var growing = GrowingTrie(maximumCount: maximumNodes)
    var ends: Set<Int> = []
    for word in words {
      for variant in [word, word.prefix(1).uppercased() + word.dropFirst(), word.uppercased()] {
        guard let classes = charset.encode(variant) else { continue }
        var node = 0
        for symbol in classes {
          guard let next = growing.grow(from: node, by: UInt16(symbol)) else {
            throw ModelFileError("the lexicon", "its words take more than \(maximumNodes) nodes; give fewer")
          }
          node = next
        }
        ends.insert(node)
      }
    }
    let (trie, order) = growing.packed()
    return (trie, order.map { ends.contains($0) })
  }
}

extension Lexicon {
  /// The list as a file: a word, a tab and its count on each line.
  public var fileText: String { words.map { "\($0.text)\t\($0.count)\n" }.joined() }

  /// Reads a list: a word on each line, with a tab and a count or without (one).
  public init(fileText text: String, charset: Charset, minimumCount: Int = 1) throws(ModelFileError) {
    var words: [(text: String, count: Int)] = []
    for line in text.split(whereSeparator: \.isNewline) {
      let parts = line.split(separator: "\t", omittingEmptySubsequences: false)
      guard parts.count <= 2, let word = parts.first, word.utf8.count <= 1_000,
        let count = parts.count == 2 ? Int(parts[1]) : 1, words.count < Self.maximumWords
      else {
        throw ModelFileError("the lexicon", "line \(words.count + 1) is not a word, or a word, a tab and a count")
      }
      words.append((String(word), count))
    }
    try self.init(words: words, charset: charset, minimumCount: minimumCount)
  }
}
