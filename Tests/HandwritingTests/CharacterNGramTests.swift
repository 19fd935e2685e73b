import Glibc
import Handwriting
import HostKit
import Testing

@Suite struct CharacterNGramTests {
  static let words: [(text: String, count: Int)] = [
    ("the", 40), ("then", 9), ("there", 12), ("these", 8), ("other", 6), ("mother", 3), ("and", 30), ("hand", 4),
    ("sand", 1), ("band", 2), ("ship", 3), ("shop", 5), ("shape", 1), ("it's", 2), ("don't", 3), ("a", 25), ("I", 9),
  ]

  /// With characters that stand in no word.
  static func charset() throws -> Charset { try Charset(texts: words.map(\.text) + ["xyzXYZ!?"]) }

  static func model(order: Int = 5, minimumCount: Int = 1) throws -> CharacterNGram {
    try CharacterNGram(words: words, charset: charset(), order: order, minimumCount: minimumCount)
  }

  @Test(arguments: [(1, 1), (2, 1), (3, 1), (5, 1), (7, 1), (5, 3), (7, 10), (5, 1_000)])
  func `after any beginning the probabilities sum to one`(order: Int, minimumCount: Int) throws {
    let model = try Self.model(order: order, minimumCount: minimumCount)
    for beginning in ["", "t", "th", "ther", "mothe", "sha", "zzz", "aX!", "the", "and"] {
      var state = model.start
      for symbol in try #require(model.charset.encode(beginning)) { state = model.advance(state, by: symbol).next }
      let sum = (0..<Int32(model.charset.classCount)).reduce(0.0) {
        $0 + exp(Double(model.advance(state, by: $1).logProbability))
      }
      #expect(abs(sum - 1) < 1e-4, "after \"\(beginning)\"")
    }
  }

  @Test func `a model without words is uniform`() throws {
    let charset = try Charset(texts: ["abc"])
    let model = try CharacterNGram(words: [], charset: charset)
    #expect(abs(model.perplexity(of: ["ab", "c"]) - 4) < 1e-3)
  }

  @Test func `a model knows its words and those like them better than chance`() throws {
    let model = try Self.model()
    #expect(model.perplexity(of: Self.words.map(\.text)) < 4)
    #expect(model.perplexity(of: ["bother", "land", "shape"]) < Double(model.charset.classCount) / 2)
    let known = try #require(model.logProbability(of: "the"))
    #expect(known > (try #require(model.logProbability(of: "eht"))) + 3)
    #expect(known > (try #require(model.logProbability(of: "then"))))
    #expect(model.logProbability(of: "zzz").map { $0 > -40 && $0 < -8 } == true)
    #expect(model.logProbability(of: "öl") == nil)
  }

  @Test func `a bigram has the probabilities that the formula tells`() throws {
    // "ab" 2, "aa" 1; all frequencies of frequencies that the discounts need are absent or few, so D(i) = i / 2.
    let model = try CharacterNGram(words: [("ab", 2), ("aa", 1)], charset: Charset(texts: ["ab"]), order: 2)
    // Contexts of a: begin, a; of b: a; of end: a, b. D1 from n1 = 1, n2 = 2: y = 1/5, D1 = 1 - 2 * y * 2 = 0.2; D2 = 1.
    let rest = (0.2 + 1 + 1) / 5
    let b = (1 - 0.2) / 5 + rest / 3
    // After a: b 2, a 1, end 1; bigrams seen once 2 (aa, a end), twice 2 (ab, b end), three times 1 (begin a):
    // y = 2/6, D1 = 1 - 2/3 * 2/2, D2 = 2 - 3 * 1/3 * 1/2.
    let discount1 = 1.0 / 3
    let discount2 = 1.5
    let expected = (2 - discount2) / 4 + (2 * discount1 + discount2) / 4 * b
    let a = model.advance(model.start, by: 1).next
    #expect(abs(exp(Double(model.advance(a, by: 2).logProbability)) - expected) < 1e-5)
  }

  @Test func `the order of the words does not matter and pruning shrinks the file`() throws {
    let charset = try Self.charset()
    let backwards = try CharacterNGram(words: Self.words.reversed(), charset: charset)
    #expect(try Self.model().fileBytes == backwards.fileBytes)
    #expect(try Self.model(minimumCount: 5).fileBytes.count < backwards.fileBytes.count)
  }

  @Test(arguments: [0, 8, -1])
  func `an order out of bounds is refused`(order: Int) throws {
    #expect(throws: ModelFileError.self) { try Self.model(order: order) }
  }

  @Test func `a file gives the same model back`() throws {
    let model = try Self.model(order: 6)
    let bytes = model.fileBytes
    let copy = try CharacterNGram(fileBytes: bytes)
    #expect(copy.fileBytes == bytes)
    #expect(copy.charset == model.charset)
    #expect(copy.order == 6)
    for text in ["the", "zzz", "mothers"] { #expect(copy.logProbability(of: text) == model.logProbability(of: text)) }
  }

  @Test func `any damage to a file is told`() throws {
    let bytes = try Self.model(order: 3).fileBytes
    for count in stride(from: 0, to: bytes.count, by: 7) {
      #expect(throws: ModelFileError.self) { try CharacterNGram(fileBytes: Array(bytes.prefix(count))) }
    }
    #expect(throws: ModelFileError.self) { try CharacterNGram(fileBytes: bytes + [0]) }
    var random = SeededRandom(seed: 9)
    for _ in 0..<500 {
      var damaged = bytes
      damaged[Int.random(in: 0..<bytes.count, using: &random)] ^= UInt8.random(in: 1...255, using: &random)
      #expect(throws: ModelFileError.self) { try CharacterNGram(fileBytes: damaged) }
    }
  }

  @Test(.timeLimit(.minutes(1))) func `a forged file with a right checksum never breaks the reader or a query`() throws
  {
    let bytes = try Self.model(order: 3).fileBytes
    var random = SeededRandom(seed: 10)
    for _ in 0..<2_000 {
      var forged = Array(bytes.dropLast(8))
      for _ in 0..<Int.random(in: 1...3, using: &random) {
        forged[Int.random(in: 8..<forged.count, using: &random)] = UInt8.random(in: 0...255, using: &random)
      }
      let checksum = forged.reduce(0xCBF2_9CE4_8422_2325 as UInt64) { ($0 ^ UInt64($1)) &* 0x100_0000_01B3 }
      forged += withUnsafeBytes(of: checksum.littleEndian, Array.init)
      // A refusal is as good as a model, as long as what is asked of a model is answered.
      guard let model = try? CharacterNGram(fileBytes: forged) else { continue }
      var state = model.start
      for _ in 0..<20 {
        state = model.advance(state, by: Int32.random(in: 0..<Int32(model.charset.classCount), using: &random)).next
      }
    }
  }
}
