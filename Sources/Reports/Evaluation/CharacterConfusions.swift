/// Which characters were read in place of which, over many words.
public struct CharacterConfusions: Sendable, Equatable {
  /// One kind of mistake. Both sides are never nil.
  public struct Pair: Sendable, Hashable {
    /// nil: the character was put in.
    public let expected: Character?
    /// nil: the character was left out.
    public let read: Character?
  }

  public private(set) var substitutions = 0
  public private(set) var insertions = 0
  public private(set) var deletions = 0
  /// How often each character is in the true texts.
  public private(set) var expected: [Character: Int] = [:]
  private var counts: [Pair: Int] = [:]
  /// Longer texts are counted whole, as their beginning: a table of so many squared fits in a few hundred kilobytes.
  private static let longest = 400

  public init() {}

  /// Counts the mistakes of one word along an alignment with the fewest of them.
  public mutating func add(reference: String, reading: String) {
    let (reference, reading) = (Array(reference.prefix(Self.longest)), Array(reading.prefix(Self.longest)))
    for character in reference { expected[character, default: 0] += 1 }
    guard reference != reading else { return }
    for pair in Self.mistakes(reference, reading) {
      counts[pair, default: 0] += 1
      switch (pair.expected, pair.read) {
      case (nil, _): insertions += 1
      case (_, nil): deletions += 1
      default: substitutions += 1
      }
    }
  }

  /// The most frequent first; equal ones in the order of their characters.
  public var ranked: [(pair: Pair, count: Int)] {
    func key(_ pair: Pair) -> String { "\(pair.expected.map(String.init) ?? "") \(pair.read.map(String.init) ?? "")" }
    return counts.map { (pair: $0.key, count: $0.value) }
      .sorted { $0.count != $1.count ? $0.count > $1.count : key($0.pair) < key($1.pair) }
  }

  /// From the end to the beginning: a substitution where it is among the best.
  private static func mistakes(_ reference: [Character], _ reading: [Character]) -> [Pair] {
    let table = distances(reference, reading)
    let columns = reading.count + 1
    var (row, column) = (reference.count, reading.count)
    var pairs: [Pair] = []
    while row > 0 || column > 0 {
      let here = table[row * columns + column]
      if row > 0, column > 0 {
        let isSame = reference[row - 1] == reading[column - 1]
        if here == table[(row - 1) * columns + column - 1] + (isSame ? 0 : 1) {
          if !isSame { pairs.append(Pair(expected: reference[row - 1], read: reading[column - 1])) }
          (row, column) = (row - 1, column - 1)
          continue
        }
      }
      if row > 0, here == table[(row - 1) * columns + column] + 1 {
        pairs.append(Pair(expected: reference[row - 1], read: nil))
        row -= 1
      } else {
        pairs.append(Pair(expected: nil, read: reading[column - 1]))
        column -= 1
      }
    }
    return pairs
  }

  private static func distances(_ reference: [Character], _ reading: [Character]) -> [Int] {
    let columns = reading.count + 1
    var table = [Int](repeating: 0, count: (reference.count + 1) * columns)
    for column in 0..<columns { table[column] = column }
    for (row, character) in reference.enumerated() {
      table[(row + 1) * columns] = row + 1
      for column in 0..<reading.count {
        let place = (row + 1) * columns + column + 1
        table[place] = min(
          table[place - columns - 1] + (character == reading[column] ? 0 : 1), table[place - 1] + 1,
          table[place - columns] + 1)
      }
    }
    return table
  }
}
