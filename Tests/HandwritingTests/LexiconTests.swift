import HostKit
import Testing

@testable import Handwriting

@Suite struct LexiconTests {
  static let words: [(text: String, count: Int)] = [
    ("the", 9), ("dog", 2), ("dog's", 1), ("\"London,", 3), ("well-known", 1), ("1925", 4), ("McCoy", 1), ("the", 1),
  ]

  static func charset() throws -> Charset {
    try Charset(texts: ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,'\"-!?"])
  }

  static func lexicon() throws -> Lexicon { try Lexicon(words: words, charset: charset()) }

  @Test(arguments: [
    "the", "The", "THE", "the,", "\"The", "(the)", "dog's", "dogs", "dog's.", "dog'", "DOG'S", "London", "london",
    "well-known", "Well-known!", "well-", "1925", "1925.", "-", "McCoy", "MCCOY", "mccoy", "tHe", "the1", "", "th",
    "12the34", "the.the", "ö",
  ])
  func `case and punctuation around a word do not matter`(text: String) throws {
    let known: Set = [
      "the", "The", "THE", "the,", "\"The", "dog's", "dog's.", "dog'", "DOG'S", "London", "well-known", "Well-known!",
      "1925", "1925.", "-", "McCoy", "MCCOY", "the1", "12the34",
    ]
    #expect(try Self.lexicon().contains(text) == known.contains(text))
  }

  @Test func `counts add up and rare words can be left out`() throws {
    let lexicon = try Self.lexicon()
    #expect(lexicon.words.map(\.text) == ["London", "McCoy", "dog", "dog's", "the", "well-known"])
    #expect(lexicon.words.first { $0.text == "the" }?.count == 10)
    let frequent = try Lexicon(words: Self.words, charset: Self.charset(), minimumCount: 3)
    #expect(frequent.words.map(\.text) == ["London", "the"])
  }

  @Test func `the file gives the same lexicon back`() throws {
    let lexicon = try Self.lexicon()
    let copy = try Lexicon(fileText: lexicon.fileText, charset: Self.charset())
    #expect(copy.fileText == lexicon.fileText)
    #expect(try Lexicon(fileText: "the\nThe\ndog\t4\r\n", charset: Self.charset()).words.map(\.count) == [1, 4, 1])
    for damaged in ["a\tb\n", "a\t1\t2\n", "a\t99999999999999999999"] {
      #expect(throws: ModelFileError.self) { try Lexicon(fileText: damaged, charset: Self.charset()) }
    }
  }

  @Test func `a search that is bound to the lexicon finds nothing else`() throws {
    let lexicon = try Self.lexicon()
    var random = SeededRandom(seed: 3)
    for text in ["The,", "dag", "Lomdon", "dog's", "THE"] {
      let scores = CTCOracle.frames(of: text, charset: lexicon.charset, noise: 1, random: &random)
      let found = PrefixBeamSearch(width: 25, classFloor: -20, lexicon: lexicon).search(scores, best: 5)
        .map { lexicon.charset.decode($0.classes) }
      let unknown = found.filter { !lexicon.contains($0) && !$0.isEmpty }
      #expect(unknown.isEmpty)
      let expected = ["dag": "dog", "Lomdon": "London"][text] ?? text
      #expect(found.first == expected)
    }
  }
}
