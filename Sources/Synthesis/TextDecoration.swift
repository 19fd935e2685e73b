import HostKit

/// What running text does to the words of a list: capitals, punctuation, and numbers between them.
enum TextDecoration {
  /// Printable ASCII and the pound sign: every character that decoration may add.
  static let alphabet: [Character] = (0x21...0x7E).map { Character(UnicodeScalar(UInt8($0))) } + ["£"]

  /// `word` itself, changed, or something else in its place that is no word.
  static func decorated(_ word: String, using random: inout SeededRandom) -> String {
    let kind = random.uniform()
    // One text in a hundred is made of any characters: rare ones must be learned from something.
    if kind < 0.01 { return code(using: &random) }
    if kind < 0.075 { return punctuated(number(using: &random), share: 0.1, using: &random) }
    return punctuated(cased(word, using: &random), share: 0.11, using: &random)
  }

  private static func cased(_ word: String, using random: inout SeededRandom) -> String {
    let choice = random.uniform()
    if choice < 0.05 { return word.uppercased() }
    if choice < 0.17, let first = word.first { return first.uppercased() + word.dropFirst() }
    return word
  }

  /// What may stand before and after a word, and how often.
  private static let marks: [(share: Double, before: String, after: String)] = [
    (30, "", ","), (28, "", "."), (4, "", ";"), (4, "", ":"), (4, "", "?"), (4, "", "!"), (4, "\"", ""), (3, "", "\""),
    (3, "\"", "\""), (2, "\"", ",\""), (2, "", ".\""), (2, "'", ""), (1, "", "'"), (2, "'", "'"), (2, "", ",'"),
    (2, "(", ""), (2, "", ")"), (2, "(", ")"), (1, "", ")."), (2, "", "-"), (1, "", "..."), (1, "[", "]"), (1, "", "*"),
  ]
  private static let marksTotal = marks.reduce(0) { $0 + $1.share }

  private static func punctuated(_ text: String, share: Double, using random: inout SeededRandom) -> String {
    guard random.chance(share) else { return text }
    var place = random.uniform() * marksTotal
    for mark in marks {
      place -= mark.share
      if place < 0 { return mark.before + text + mark.after }
    }
    return text
  }

  private static func number(using random: inout SeededRandom) -> String {
    let small = random.integer(in: 0...99)
    let two = small < 10 ? "0\(small)" : "\(small)"
    let any = random.integer(in: 0...random.element(of: [9, 99, 999, 9_999, 99_999]))
    switch random.integer(in: 0...15) {
    case 0...3: return "\(any)"
    case 4, 5: return "\(random.integer(in: 1700...2035))"
    case 6: return "\(random.integer(in: 1...31))/\(random.integer(in: 1...12))/\(random.integer(in: 1900...2035))"
    case 7: return "\(random.integer(in: 1...12))\(random.element(of: ["-", ".", "/"]))\(two)"
    case 8: return "\(random.integer(in: 0...23)):\(random.integer(in: 10...59))"
    case 9: return "\(random.element(of: ["£", "$"]))\(any).\(two)"
    case 10: return "\(random.integer(in: 1...99)),\(random.integer(in: 100...999))"
    case 11: return "\(any).\(random.integer(in: 0...99))"
    case 12: return "\(small)%"
    case 13: return ordinal(random.integer(in: 1...31))
    case 14: return "\(random.element(of: ["#", "£", "$", "+", "="]))\(any)"
    default:
      return random.element(of: ["&", "-", "+", "=", "/", "@", "%", "*", "?", "!", "(1)", "(a)", "1.", "2)", "A4"])
    }
  }

  private static func ordinal(_ number: Int) -> String {
    let ending =
      switch number {
      case 1, 21, 31: "st"
      case 2, 22: "nd"
      case 3, 23: "rd"
      default: "th"
      }
    return "\(number)\(ending)"
  }

  private static func code(using random: inout SeededRandom) -> String {
    String((0..<random.integer(in: 2...7)).map { _ in random.element(of: alphabet) })
  }
}
