import Glibc

/// How likely each character is after those before it in a word: an interpolated, modified Kneser-Ney model (Chen and
/// Goodman, "An Empirical Study of Smoothing Techniques for Language Modeling", 1999) over a recogniser's classes.
///
/// After any beginning, the probabilities of all characters and of the word's end sum to one; characters that were never
/// seen keep a small one.
public struct CharacterNGram: Sendable {
  /// What the model remembers of the characters so far.
  public struct State: Hashable, Sendable {
    let node: Int32
  }

  /// Stands for a word's end where a class is asked for; no character has class 0.
  public static let end: Int32 = 0
  public static let orders = 1...7
  static let maximumNodes = 8_000_000
  /// How often one word counts at most: sums of counts stay far from overflow.
  static let maximumCount = 1 << 32

  public let charset: Charset
  /// The longest n-gram: one character and `order - 1` before it.
  public let order: Int
  let trie: SymbolTrie
  /// Per node the n-gram without its first character: what is asked when a longer one was never seen.
  let suffixes: [UInt32]
  /// Per node the natural logarithm of the probability of its last symbol after those before.
  let logProbabilities: [Float]
  /// Per node the logarithm of what is left for symbols that were never seen after it.
  let backoffs: [Float]

  /// The state at a word's begin.
  public var start: State { State(node: settled(1)) }

  /// The probability (natural logarithm) of a class or of `end` after a state, and the state behind it.
  /// - Precondition: `symbol` is in `0..<charset.classCount`.
  public func advance(_ state: State, by symbol: Int32) -> (logProbability: Float, next: State) {
    precondition(symbol >= 0 && Int(symbol) < charset.classCount)
    var node = Int(state.node)
    var left: Float = 0
    while true {
      // Every symbol is a child of the root, so this ends.
      let child = trie.child(of: node, by: UInt16(symbol))
      if child >= 0 { return (left + logProbabilities[child], State(node: settled(child))) }
      left += backoffs[node]
      node = Int(suffixes[node])
    }
  }

  /// The probability (natural logarithm) of a whole word with its end.
  public func logProbability(of classes: some Sequence<Int32>) -> Double {
    var state = start
    var sum = 0.0
    for symbol in classes {
      let (value, next) = advance(state, by: symbol)
      sum += Double(value)
      state = next
    }
    return sum + Double(advance(state, by: Self.end).logProbability)
  }

  /// nil when a character is not in the model's set.
  public func logProbability(of text: String) -> Double? { charset.encode(text).map { logProbability(of: $0) } }

  /// Characters as uncertain as this many equally likely ones; of texts whose characters are all known. Word ends count.
  public func perplexity(of texts: some Sequence<String>) -> Double {
    var sum = 0.0
    var count = 0
    for text in texts {
      guard let classes = charset.encode(text) else { continue }
      sum += logProbability(of: classes)
      count += classes.count + 1
    }
    return count == 0 ? 1 : exp(-sum / Double(count))
  }

  /// The longest part of a context that anything was seen after: shorter ones answer the same.
  private func settled(_ node: Int) -> Int32 {
    var node = node
    while node != 0, trie.isLeaf(node) { node = Int(suffixes[node]) }
    return Int32(node)
  }
}
