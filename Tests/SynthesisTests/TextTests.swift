import HostKit
import Testing

@testable import Synthesis

struct TextTests {
  static func samples(_ count: Int, words: [String] = Fonts.words) throws -> [String] {
    let texts = try WordTexts(words: words)
    var random = SeededRandom(seed: 4)
    return (0..<count).map { _ in texts.text(using: &random) }
  }

  @Test func `texts have no white space and known characters only`() throws {
    let alphabet = Set(TextDecoration.alphabet)
    for text in try Self.samples(3000) {
      #expect(!text.isEmpty && text.allSatisfy(alphabet.contains), "\(text)")
    }
  }

  @Test func `capitals, numbers and punctuation are as frequent as in running text`() throws {
    let samples = try Self.samples(6000, words: Fonts.words.filter { $0.count > 2 })
    func share(_ isOne: (String) -> Bool) -> Double { Double(samples.filter(isOne).count) / Double(samples.count) }
    let letters = { (text: String) in text.filter(\.isLetter) }
    #expect(
      (0.08...0.16).contains(share { letters($0).dropFirst().contains(where: \.isLowercase) && $0 == $0.capitalised }))
    #expect((0.03...0.08).contains(share { letters($0).count > 2 && $0 == $0.uppercased() }))
    #expect((0.04...0.09).contains(share { $0.contains(where: \.isNumber) }))
    #expect((0.09...0.2).contains(share { $0.contains { !$0.isLetter && !$0.isNumber } }))
  }

  @Test func `every printable character is written at times`() throws {
    let seen = Set(try Self.samples(30_000).joined())
    #expect(Set(TextDecoration.alphabet).subtracting(seen).isEmpty)
  }

  @Test func `short words are more frequent than long ones`() throws {
    let texts = try WordTexts(words: ["abc", "abd", "abcdefghij", "abcdefghik"])
    var random = SeededRandom(seed: 4)
    let short = (0..<1000).filter { _ in texts.word(using: &random).count == 3 }.count
    #expect((800...980).contains(short))
  }

  @Test(arguments: [[], [""], ["two words"], [String(repeating: "x", count: 25)], ["bell\u{7}"]])
  func `a list without a usable word is refused`(words: [String]) {
    let error = #expect(throws: SynthesisError.self) { try WordTexts(words: words) }
    #expect(error?.code == .noTexts)
  }

  @Test func `words are read from a file, and a file without words is refused by name`() throws {
    let folder = try ScratchFolder()
    let path = "\(folder.path)/words.txt"
    try Files.write("one\ntwo three\n", to: path, durable: false)
    #expect(try WordTexts.load(from: path).alphabet.isSuperset(of: "onetwothree"))
    try Files.write("\n \n", to: path, durable: false)
    let error = #expect(throws: SynthesisError.self) { try WordTexts.load(from: path) }
    #expect(error?.description.contains(path) == true)
  }

  @Test func `without a list there are frequent words of every letter`() throws {
    #expect(Set(FrequentWords.english.joined().lowercased()).isSuperset(of: "abcdefghijklmnopqrstuvwxyz"))
    #expect(FrequentWords.english.count > 300)
  }
}

extension String {
  /// The first letter as a capital, the others as they are.
  fileprivate var capitalised: String {
    guard let index = firstIndex(where: \.isLetter) else { return self }
    return self[..<index] + self[index].uppercased() + self[self.index(after: index)...]
  }
}
