import CPCRE2

/// Tries a pattern on lines that make careless patterns explode, before a job's log does.
///
/// A pattern whose steps double with each character passes any limit on a line of a few dozen characters, so short
/// lines suffice; patterns that are merely quadratic, such as `a.*b.*c`, are common, useful and pass. The lines are
/// made from the pattern itself: what its beginning matches, then many times a piece that its repeats could share
/// among them, then a byte that spoils the match.
enum BacktrackingProbe {
  private static let lengths = [40, 200]
  private static let endings: [[UInt8]] = [Array("!".utf8), [0x01], Array("%%".utf8)]
  private static let commonUnits = ["a", "0", " ", "ab", "=1 ", "1.", "a ", "-", ".", ",1", "\t", "å", "1 ", "A"]

  static func check(_ source: String) throws(PatternError) {
    let sketch = Sketch(of: source)
    // Two plain repeats are quadratic at worst: nothing to try, and most metric definitions are no more than that.
    guard sketch.isComplex else { return }
    // Without the optimisations that need a certain byte in the line: they hide an explosion until it is there.
    let code = try CompiledPattern(source, options: UInt32(PCRE2_NO_START_OPTIMIZE), limits: .probing)
    for prefix in sketch.prefixes {
      for unit in commonUnits.map({ Array($0.utf8) }) + sketch.units {
        for length in lengths {
          for ending in endings {
            let line = prefix + Array(repeatElement(unit, count: length / unit.count + 1).joined()) + ending
            if case .exceeded = line.withUnsafeBufferPointer({ code.search($0) }) {
              throw PatternError(
                .backtracks, pattern: source, reason: "a line such as '\(excerpt(line))' exceeds its limit")
            }
          }
        }
      }
    }
  }

  private static func excerpt(_ line: [UInt8]) -> String {
    let text = String(decoding: line.filter { $0 >= 0x20 }, as: UTF8.self)
    return text.count > 30 ? "\(text.prefix(24))…\(text.suffix(4))" : text
  }

  /// A rough text that the pattern could match, and its pieces: literals stand for themselves, classes for one of
  /// their members, repeats for one turn, and of alternatives the last counts. It need not be right, only suggestive.
  struct Sketch {
    private(set) var prefixes: [[UInt8]] = [[]]
    private(set) var units: [[UInt8]] = []
    /// Whether the pattern repeats a group, calls one, or repeats more than twice.
    var isComplex: Bool { repeatsGroup || repeats > 2 }

    private var repeats = 0
    private var repeatsGroup = false

    private static let maximumPrefixes = 12
    private static let maximumUnits = 40

    init(of source: String) {
      var rest = Array(source.utf8)[...]
      var text: [UInt8] = []
      var groups: [Int] = []
      var previous: UInt8 = 0
      while let byte = rest.popFirst() {
        switch byte {
        case UInt8(ascii: "("):
          skipGroupHead(&rest)
          note(prefix: text)
          groups.append(text.count)
        case UInt8(ascii: ")"):
          if let start = groups.popLast() { note(unit: text[start...]) }
        case UInt8(ascii: "|"):
          let start = groups.last ?? 0
          note(unit: text[start...])
          text.removeSubrange(start...)
        case UInt8(ascii: "["): add(Self.classMember(&rest), to: &text)
        case UInt8(ascii: "\\"): add(Self.escaped(rest.popFirst()), to: &text)
        case UInt8(ascii: "."): add(UInt8(ascii: "a"), to: &text)
        case UInt8(ascii: "*"), UInt8(ascii: "+"), UInt8(ascii: "?"):
          noteRepeat(after: previous, &rest)
          note(prefix: text)
        case UInt8(ascii: "{") where (rest.first ?? 0) &- 0x30 < 10:
          while let next = rest.popFirst(), next != UInt8(ascii: "}") {}
          noteRepeat(after: previous, &rest)
        case UInt8(ascii: "^"), UInt8(ascii: "$"): break
        default: add(byte, to: &text)
        }
        previous = byte
      }
      note(prefix: text)
      note(unit: text[...])
    }

    private mutating func noteRepeat(after byte: UInt8, _ rest: inout ArraySlice<UInt8>) {
      repeats += 1
      if byte == UInt8(ascii: ")") { repeatsGroup = true }
      // The sign of a lazy or possessive repeat.
      if rest.first == UInt8(ascii: "?") || rest.first == UInt8(ascii: "+") { rest.removeFirst() }
    }

    private mutating func add(_ byte: UInt8?, to text: inout [UInt8]) {
      guard let byte else { return }
      text.append(byte)
      note(unit: [byte])
      if text.count > 1 { note(unit: text.suffix(2)) }
    }

    private mutating func note(prefix: [UInt8]) {
      if prefixes.count < Self.maximumPrefixes, !prefixes.contains(prefix) { prefixes.append(prefix) }
    }

    private mutating func note(unit: ArraySlice<UInt8>) {
      guard units.count < Self.maximumUnits, !unit.isEmpty, !units.contains(where: { $0[...] == unit }) else { return }
      units.append(Array(unit))
    }

    /// `?:`, `?P<name>`, `?i:` and their like.
    private mutating func skipGroupHead(_ rest: inout ArraySlice<UInt8>) {
      guard rest.first == UInt8(ascii: "?") else { return }
      // Whatever is not plainly a group, a name or look-around may call a group, itself included.
      let isPlain = [":", "P<", "P=", "<", "=", "!", "i)"].contains { rest.dropFirst().starts(with: $0.utf8) }
      if !isPlain { repeatsGroup = true }
      while let byte = rest.first, byte != UInt8(ascii: ")") {
        rest.removeFirst()
        if [UInt8(ascii: ":"), UInt8(ascii: ">"), UInt8(ascii: "="), UInt8(ascii: "!")].contains(byte) { return }
      }
    }

    private static func classMember(_ rest: inout ArraySlice<UInt8>) -> UInt8? {
      var members: [UInt8] = []
      let isNegated = rest.first == UInt8(ascii: "^")
      if isNegated { rest.removeFirst() }
      while let byte = rest.popFirst(), byte != UInt8(ascii: "]") || members.isEmpty {
        if let member = byte == UInt8(ascii: "\\") ? escaped(rest.popFirst()) : byte { members.append(member) }
      }
      return isNegated ? Array("a0 ;".utf8).first { !members.contains($0) } : members.first
    }

    private static func escaped(_ byte: UInt8?) -> UInt8? {
      switch byte {
      case UInt8(ascii: "d"): UInt8(ascii: "1")
      case UInt8(ascii: "w"), UInt8(ascii: "S"), UInt8(ascii: "D"): UInt8(ascii: "a")
      case UInt8(ascii: "s"), UInt8(ascii: "W"), UInt8(ascii: "t"): UInt8(ascii: " ")
      case UInt8(ascii: "b"), UInt8(ascii: "B"), UInt8(ascii: "A"), UInt8(ascii: "Z"): nil
      default: byte
      }
    }
  }
}
