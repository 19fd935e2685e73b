import Glibc

extension CharacterNGram {
  /// Learns from words. Those with a character outside the set teach nothing.
  /// - Parameters:
  ///   - words: texts with how often each counts; the same words in any order give the same model.
  ///   - minimumCount: n-grams of three symbols and more that were seen less often are left out.
  /// - Throws: when the order is out of bounds or the model would take more than eight million n-grams.
  public init(
    words: [(text: String, count: Int)], charset: Charset, order: Int = 5, minimumCount: Int = 1
  ) throws(ModelFileError) {
    guard Self.orders.contains(order) else {
      throw ModelFileError("the language model", "its order is \(order); expected \(Self.orders)")
    }
    var counter = NGramCounter(charset: charset, order: order)
    for (classes, count) in Self.sequences(of: words, charset: charset) {
      guard counter.add(classes, count: count) else {
        throw ModelFileError(
          "the language model", "it has more than \(Self.maximumNodes) n-grams; lower its order or give fewer words")
      }
    }
    let estimate = KneserNeyEstimate(counter: counter, minimumCount: minimumCount)
    let (trie, nodes) = counter.trie.packed { estimate.isKept[$0] }
    var places = [UInt32](repeating: 0, count: counter.trie.count)
    for (place, node) in nodes.enumerated() { places[node] = UInt32(place) }
    self.charset = charset
    self.order = order
    self.trie = trie
    suffixes = nodes.map { places[counter.suffix(of: $0)] }
    logProbabilities = nodes.map { $0 == 0 ? 0 : Float(log(estimate.probabilities[$0])) }
    backoffs = nodes.map { Float(log(estimate.rest[$0])) }
  }

  /// Sorted: sums of fractions depend on their order in the last bit.
  private static func sequences(
    of words: [(text: String, count: Int)], charset: Charset
  ) -> [(classes: [Int32], count: Int)] {
    words.compactMap { word in
      guard word.count > 0, let classes = charset.encode(word.text), !classes.isEmpty else { return nil }
      return (classes, min(word.count, maximumCount))
    }.sorted { $0.classes.lexicographicallyPrecedes($1.classes) }
  }
}

/// How often each n-gram stands in the words, with one boundary symbol (0) before and after each word.
private struct NGramCounter {
  let order: Int
  private(set) var trie: GrowingTrie
  private(set) var counts: [Int]
  private(set) var suffixes: [Int32]
  private(set) var depths: [UInt8]

  init(charset: Charset, order: Int) {
    self.order = order
    trie = GrowingTrie(maximumCount: CharacterNGram.maximumNodes)
    // Every symbol has a node from the first, so that a symbol that was never seen has a probability too.
    for symbol in 0..<charset.classCount { _ = trie.grow(from: 0, by: UInt16(symbol)) }
    counts = Array(repeating: 0, count: trie.count)
    suffixes = Array(repeating: 0, count: trie.count)
    depths = [0] + Array(repeating: 1, count: charset.classCount)
  }

  func suffix(of node: Int) -> Int { Int(suffixes[node]) }

  /// False when there is no room.
  mutating func add(_ classes: [Int32], count: Int) -> Bool {
    let symbols = [0] + classes.map { UInt16($0) } + [0]
    // From the right, so that an n-gram's suffix is there before it.
    for start in stride(from: symbols.count - 1, through: 0, by: -1) {
      var node = 0
      for place in start..<min(start + order, symbols.count) {
        let above = node
        guard let next = trie.grow(from: node, by: symbols[place]) else { return false }
        node = next
        if node == counts.count {
          counts.append(0)
          depths.append(depths[above] + 1)
          suffixes.append(Int32(trie.child(of: suffix(of: above), by: symbols[place]) ?? 0))
        }
        // A word's begin is never told, only told from.
        if place > 0 { counts[node] += count }
      }
    }
    return true
  }
}

/// Probabilities from counts. Lower orders count in how many different contexts a symbol stands, not how often.
private struct KneserNeyEstimate {
  /// Of a node's last symbol after those before it.
  private(set) var probabilities: [Double]
  /// What a node leaves for the symbols that have no node below it.
  private(set) var rest: [Double]
  let isKept: [Bool]

  init(counter: NGramCounter, minimumCount: Int) {
    let trie = counter.trie
    let adjusted = Self.adjustedCounts(counter)
    isKept = (0..<trie.count).map { counter.depths[$0] <= 2 || counter.counts[$0] >= minimumCount }
    let discounts = Self.discounts(counter, adjusted)
    var totals = [Double](repeating: 0, count: trie.count)
    var left = [Double](repeating: 0, count: trie.count)
    for node in 1..<trie.count where adjusted[node] > 0 {
      let count = Double(adjusted[node])
      let discount = discounts[Int(counter.depths[node])].amount(adjusted[node])
      totals[Int(trie.parents[node])] += count
      // What is pruned gives all it has to the shorter contexts, so that the sum stays one.
      left[Int(trie.parents[node])] += isKept[node] ? discount : count
    }
    rest = zip(totals, left).map { $0 > 0 ? $1 / $0 : 1 }
    probabilities = [Double](repeating: 0, count: trie.count)
    let symbolCount = trie.parents.dropFirst().prefix { $0 == 0 }.count
    probabilities[0] = 1 / Double(symbolCount)
    // A suffix has one symbol less: by depth, it is always done before.
    let byDepth = (1..<trie.count).filter { isKept[$0] }.sorted { counter.depths[$0] < counter.depths[$1] }
    for node in byDepth {
      let parent = Int(trie.parents[node])
      let discount = discounts[Int(counter.depths[node])].amount(adjusted[node])
      let own = totals[parent] > 0 ? (Double(adjusted[node]) - discount) / totals[parent] : 0
      probabilities[node] = own + rest[parent] * probabilities[counter.suffix(of: node)]
    }
  }

  private static func adjustedCounts(_ counter: NGramCounter) -> [Int] {
    let trie = counter.trie
    var contexts = [Int](repeating: 0, count: trie.count)
    var begins = [Bool](repeating: false, count: trie.count)
    for node in 1..<trie.count {
      contexts[counter.suffix(of: node)] += 1
      begins[node] = trie.parents[node] == 0 ? trie.symbols[node] == 0 : begins[Int(trie.parents[node])]
    }
    return (0..<trie.count).map { node in
      let depth = Int(counter.depths[node])
      // Nothing stands before a word's begin: such n-grams have no contexts to count.
      let isPlain = depth == counter.order || depth >= 2 && begins[node]
      return isPlain ? counter.counts[node] : contexts[node]
    }
  }

  /// One per depth, the root's unused.
  private static func discounts(_ counter: NGramCounter, _ adjusted: [Int]) -> [Discount] {
    var frequencies = Array(repeating: [0.0, 0, 0, 0, 0], count: counter.order + 1)
    for node in 1..<counter.trie.count where (1...4).contains(adjusted[node]) {
      frequencies[Int(counter.depths[node])][adjusted[node]] += 1
    }
    return frequencies.map { Discount(frequencies: $0) }
  }
}

/// How much is taken from an n-gram that was seen once, twice, or more often.
private struct Discount {
  private let amounts: [Double]

  /// - Parameter frequencies: at `i`, how many n-grams were seen `i` times, for 1...4.
  init(frequencies n: [Double]) {
    let y = n[1] > 0 && n[2] > 0 ? n[1] / (n[1] + 2 * n[2]) : 0.5
    amounts = (1...3).map { i in
      // Few or weighted words can give any number; within these bounds every symbol keeps and leaves something.
      let estimate = n[i] > 0 && n[i + 1] > 0 ? Double(i) - Double(i + 1) * y * n[i + 1] / n[i] : 0.5 * Double(i)
      return min(max(estimate, 0.1), Double(i) - 0.05)
    }
  }

  func amount(_ count: Int) -> Double { count == 0 ? 0 : amounts[min(count, 3) - 1] }
}
