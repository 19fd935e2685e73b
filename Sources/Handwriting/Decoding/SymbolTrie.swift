/// Sequences of symbols that share their beginnings, packed level by level: a node's children lie side by side in the
/// order of their symbols. Node 0 is the root.
struct SymbolTrie: Sendable, Equatable {
  /// The symbol that leads to each node; 0 for the root.
  let symbols: [UInt16]
  /// Where each node's children begin, and one value more for where the last one's end.
  let firstChild: [UInt32]

  var count: Int { symbols.count }

  @inline(__always)
  func children(of node: Int) -> Range<Int> { Int(firstChild[node])..<Int(firstChild[node + 1]) }

  @inline(__always)
  func isLeaf(_ node: Int) -> Bool { firstChild[node] == firstChild[node + 1] }

  /// The child that a symbol leads to, or -1.
  func child(of node: Int, by symbol: UInt16) -> Int {
    symbols.withUnsafeBufferPointer { symbols in
      var low = Int(firstChild[node])
      let end = Int(firstChild[node + 1])
      var high = end
      while low < high {
        let middle = (low + high) / 2
        if symbols[middle] < symbol { low = middle + 1 } else { high = middle }
      }
      return low < end && symbols[low] == symbol ? low : -1
    }
  }
}

/// A trie that still grows. Nodes are numbered in the order in which they were added, so a parent comes before its
/// children.
struct GrowingTrie {
  private(set) var parents: [Int32] = [0]
  private(set) var symbols: [UInt16] = [0]
  private var table: [UInt64: Int32] = [:]
  let maximumCount: Int

  init(maximumCount: Int) { self.maximumCount = maximumCount }

  var count: Int { symbols.count }

  func child(of node: Int, by symbol: UInt16) -> Int? { table[Self.key(node, symbol)].map { Int($0) } }

  /// Finds a child or adds it; nil when there is no room for another node.
  mutating func grow(from node: Int, by symbol: UInt16) -> Int? {
    if let known = child(of: node, by: symbol) { return known }
    guard count < maximumCount else { return nil }
    table[Self.key(node, symbol)] = Int32(count)
    parents.append(Int32(node))
    symbols.append(symbol)
    return count - 1
  }

  /// Packs the nodes that are kept.
  /// - Parameter keeps: must hold for the parent of every node that it holds for.
  /// - Returns: the packed trie, and for each of its nodes the number that it has here.
  func packed(keeps: (Int) -> Bool = { _ in true }) -> (trie: SymbolTrie, order: [Int]) {
    let (starts, children) = childLists(keeps: keeps)
    var order = [0]
    var firstChild: [UInt32] = []
    var place = 0
    while place < order.count {
      let node = order[place]
      firstChild.append(UInt32(order.count))
      order += children[starts[node]..<starts[node + 1]].map { Int($0) }.sorted { symbols[$0] < symbols[$1] }
      place += 1
    }
    firstChild.append(UInt32(order.count))
    return (SymbolTrie(symbols: order.map { symbols[$0] }, firstChild: firstChild), order)
  }

  /// The children of all nodes in one list, and where those of each node begin in it.
  private func childLists(keeps: (Int) -> Bool) -> (starts: [Int], children: [Int32]) {
    var starts = [Int](repeating: 0, count: count + 1)
    for node in 1..<count where keeps(node) { starts[Int(parents[node]) + 1] += 1 }
    for node in 0..<count { starts[node + 1] += starts[node] }
    var next = starts
    var children = [Int32](repeating: 0, count: starts[count])
    for node in 1..<count where keeps(node) {
      let parent = Int(parents[node])
      children[next[parent]] = Int32(node)
      next[parent] += 1
    }
    return (starts, children)
  }

  private static func key(_ node: Int, _ symbol: UInt16) -> UInt64 { UInt64(node) << 16 | UInt64(symbol) }
}
