/// The prefixes of a beam search that are alive, and one step from frame to frame.
struct PrefixBeam {
  /// Where a prefix stands in the language model and in the lexicon.
  struct State {
    var language: CharacterNGram.State
    var word: Lexicon.State
  }

  /// A prefix with the probabilities (natural logarithms) of its paths that end in a blank and of those that do not.
  struct Entry {
    /// In the tree of prefixes.
    var node: Int32
    var last: Int32
    var blank: Double
    var nonBlank: Double
    var total: Double
    /// What language and length add.
    var bonus: Double
    var state: State

    var score: Double { total + bonus }
  }

  /// A prefix of the next frame: an entry that stays as it is (`symbol` 0) or grows by a symbol.
  private struct Candidate {
    let source: Int
    let symbol: Int32
    var blank: Double
    var nonBlank: Double
    let total: Double
    let bonus: Double
    let state: State
    let score: Double
  }

  private(set) var entries: [Entry]
  private let width: Int
  /// No character adds more than this to a score: what cannot enter the beam is not asked for.
  private let ceiling: Double
  private var tree = PrefixTree()
  private var pool: [Candidate] = []
  /// Per class the entry that the present entry grows into by it, or -1.
  private var grown: [Int32] = []

  init(width: Int, start: State, ceiling: Double) {
    self.width = width
    self.ceiling = ceiling
    entries = [Entry(node: 0, last: 0, blank: 0, nonBlank: -.infinity, total: 0, bonus: 0, state: start)]
  }

  /// The characters of a prefix.
  func classes(of entry: Entry) -> [Int32] { tree.symbols(to: entry.node) }

  /// Takes one frame in.
  /// - Parameters:
  ///   - row: the frame's logarithms of all classes.
  ///   - likely: the classes that may begin a new prefix.
  ///   - step: what a character adds to a score, or nil when it is forbidden.
  mutating func advance(
    _ row: UnsafeBufferPointer<Float>, likely: [Int32], step: (State, Int32) -> (bonus: Double, next: State)?
  ) {
    if grown.count != row.count { grown = Array(repeating: -1, count: row.count) }
    pool.removeAll(keepingCapacity: true)
    for candidate in staying(row) { insert(candidate) }
    for source in entries.indices { grow(source, row, likely: likely, step: step) }
    entries = pool.map { candidate in
      let source = entries[candidate.source]
      let isSame = candidate.symbol == 0
      return Entry(
        node: isSame ? source.node : tree.child(of: source.node, by: candidate.symbol),
        last: isSame ? source.last : candidate.symbol, blank: candidate.blank, nonBlank: candidate.nonBlank,
        total: candidate.total, bonus: candidate.bonus, state: candidate.state)
    }
  }

  /// All entries as they are after this frame: another blank or the same character again, or, where a prefix and the one
  /// before it are both alive, the shorter one grown into it.
  private func staying(_ row: UnsafeBufferPointer<Float>) -> [Candidate] {
    entries.indices.map { index in
      let entry = entries[index]
      let blank = entry.total + Double(row[0])
      var nonBlank = -Double.infinity
      if entry.node != 0 {
        let value = Double(row[Int(entry.last)])
        nonBlank = entry.nonBlank + value
        let parent = tree.parent(of: entry.node)
        if let shorter = entries.first(where: { $0.node == parent }) {
          nonBlank = logAdd(nonBlank, (shorter.last == entry.last ? shorter.blank : shorter.total) + value)
        }
      }
      let total = logAdd(blank, nonBlank)
      return Candidate(
        source: index, symbol: 0, blank: blank, nonBlank: nonBlank, total: total, bonus: entry.bonus,
        state: entry.state, score: total + entry.bonus)
    }
  }

  private mutating func grow(
    _ source: Int, _ row: UnsafeBufferPointer<Float>, likely: [Int32],
    step: (State, Int32) -> (bonus: Double, next: State)?
  ) {
    let entry = entries[source]
    for index in entries.indices where tree.parent(of: entries[index].node) == entry.node {
      grown[Int(entries[index].last)] = Int32(index)
    }
    for symbol in likely where grown[Int(symbol)] < 0 {
      let total = (symbol == entry.last ? entry.blank : entry.total) + Double(row[Int(symbol)])
      guard total > -.infinity, canEnter(total + entry.bonus + ceiling), let (bonus, next) = step(entry.state, symbol)
      else { continue }
      insert(
        Candidate(
          source: source, symbol: symbol, blank: -.infinity, nonBlank: total, total: total, bonus: entry.bonus + bonus,
          state: next, score: total + entry.bonus + bonus))
    }
    for index in entries.indices where tree.parent(of: entries[index].node) == entry.node {
      grown[Int(entries[index].last)] = -1
    }
  }

  private func canEnter(_ score: Double) -> Bool {
    guard pool.count == width, let worst = pool.last else { return true }
    return score > worst.score
  }

  /// Keeps the pool sorted, best first, and within the width. Of equals, the first to come stays before.
  private mutating func insert(_ candidate: Candidate) {
    guard canEnter(candidate.score) else { return }
    if pool.count == width { pool.removeLast() }
    var place = pool.count
    while place > 0, pool[place - 1].score < candidate.score { place -= 1 }
    pool.insert(candidate, at: place)
  }
}

/// Every prefix that was ever alive: a node is its parent and one symbol more. Node 0 is the empty prefix.
private struct PrefixTree {
  private struct Node {
    let parent: Int32
    let symbol: Int32
    var firstChild: Int32 = -1
    let nextSibling: Int32
  }

  private var nodes = [Node(parent: -1, symbol: 0, nextSibling: -1)]

  func parent(of node: Int32) -> Int32 { nodes[Int(node)].parent }

  /// Finds the child or adds it: a prefix that comes back into the beam has its old node, so that none is there twice.
  mutating func child(of node: Int32, by symbol: Int32) -> Int32 {
    var child = nodes[Int(node)].firstChild
    while child >= 0 {
      if nodes[Int(child)].symbol == symbol { return child }
      child = nodes[Int(child)].nextSibling
    }
    nodes.append(Node(parent: node, symbol: symbol, nextSibling: nodes[Int(node)].firstChild))
    nodes[Int(node)].firstChild = Int32(nodes.count - 1)
    return Int32(nodes.count - 1)
  }

  func symbols(to node: Int32) -> [Int32] {
    var symbols: [Int32] = []
    var node = Int(node)
    while node != 0 {
      symbols.append(nodes[node].symbol)
      node = Int(nodes[node].parent)
    }
    return symbols.reversed()
  }
}
