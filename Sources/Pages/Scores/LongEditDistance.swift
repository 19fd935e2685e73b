/// Levenshtein distance of whole pages: 64 rows of the table at a time in the bits of a word (Myers 1999, in blocks after
/// Hyyrö 2003). A page of 2,000 characters would be four million steps one by one.
enum LongEditDistance {
  /// In characters as people count them.
  static func characters(_ left: String, _ right: String) -> Int {
    var numbers: [Character: Int] = [:]
    func numbered(_ text: String) -> [Int] {
      text.map { character in
        if let number = numbers[character] { return number }
        numbers[character] = numbers.count
        return numbers.count - 1
      }
    }
    let (pattern, text) = (numbered(left), numbered(right))
    guard !pattern.isEmpty else { return text.count }
    return between(pattern, text, symbols: numbers.count)
  }

  /// One block of 64 rows: where the table grows (plus) or falls (minus) from row to row.
  private struct Block {
    var plus: UInt64 = .max
    var minus: UInt64 = 0

    /// One column on: how the table changes at the block's upper edge, and so at its row `last`.
    mutating func step(equal: UInt64, above: Int, last: UInt64) -> Int {
      let vertical = equal | minus
      let equal = above < 0 ? equal | 1 : equal
      let horizontal = (((equal & plus) &+ plus) ^ plus) | equal
      var rises = minus | ~(horizontal | plus)
      var falls = plus & horizontal
      let below = (rises & last != 0 ? 1 : 0) - (falls & last != 0 ? 1 : 0)
      rises = rises << 1 | (above > 0 ? 1 : 0)
      falls = falls << 1 | (above < 0 ? 1 : 0)
      plus = falls | ~(vertical | rises)
      minus = rises & vertical
      return below
    }
  }

  private static func between(_ pattern: [Int], _ text: [Int], symbols: Int) -> Int {
    let blockCount = (pattern.count + 63) / 64
    var places = [UInt64](repeating: 0, count: symbols * blockCount)
    for (row, symbol) in pattern.enumerated() { places[symbol * blockCount + row / 64] |= 1 << UInt64(row % 64) }
    var blocks = [Block](repeating: Block(), count: blockCount)
    var distance = pattern.count
    let end: UInt64 = 1 << UInt64((pattern.count - 1) % 64)
    for symbol in text {
      var change = 1
      for index in 0..<blockCount {
        let last = index == blockCount - 1 ? end : 1 << 63
        change = blocks[index].step(equal: places[symbol * blockCount + index], above: change, last: last)
      }
      distance += change
    }
    return distance
  }
}
