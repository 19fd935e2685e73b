import Glibc
import HostKit
import JSONKit
import Testing

@testable import Handwriting

@Suite struct DecodingTests {
  static let words: [(text: String, count: Int)] = CharacterNGramTests.words

  static func charset() throws -> Charset {
    try Charset(texts: ["abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.,'!"])
  }

  static func decoder(_ weights: DecodingWeights) throws -> WordDecoder {
    let charset = try charset()
    return try WordDecoder(
      charset: charset, languageModel: CharacterNGram(words: words, charset: charset),
      lexicon: Lexicon(words: words, charset: charset), weights: weights)
  }

  /// Frames of a text where the character at a place is `first`, or a little less likely `second`.
  static func doubtful(_ text: String, _ place: Int, _ first: Character, _ second: Character) throws -> FrameScores {
    let charset = try charset()
    var random = SeededRandom(seed: 1)
    let scores = CTCOracle.frames(of: text, charset: charset, peak: 8, noise: 0.1, random: &random)
    var logits = scores.values
    for frame in [place * 3, place * 3 + 1] {
      for index in 0..<scores.classes { logits[frame * scores.classes + index] = 0 }
      for (character, value) in [(first, 6.0), (second, 5.5)] {
        let index = Int(try #require(charset.encode(String(character)))[0])
        logits[frame * scores.classes + index] = Float(value)
      }
    }
    return FrameScores(frames: scores.frames, classes: scores.classes, logits: logits)
  }

  @Test func `language and lexicon settle what the image leaves open`() throws {
    let scores = try Self.doubtful("then", 1, "b", "h")
    #expect(try Self.decoder(.plain).decode(scores).best.text == "tben")
    #expect(try Self.decoder(DecodingWeights(alpha: 0.5, beta: 0, gamma: 0)).decode(scores).best.text == "then")
    #expect(try Self.decoder(DecodingWeights(alpha: 0, beta: 0, gamma: 3)).decode(scores).best.text == "then")
  }

  @Test func `a clear word stays what it is, whatever the language says`() throws {
    var random = SeededRandom(seed: 2)
    for text in ["xqz", "X1,", "thx", "jjj"] {
      let scores = CTCOracle.frames(of: text, charset: try Self.charset(), peak: 14, noise: 0.5, random: &random)
      #expect(try Self.decoder(DecodingWeights()).decode(scores).best.text == text)
    }
  }

  @Test func `without language and lexicon the confidence is the image's probability`() throws {
    let decoder = try WordDecoder(charset: Self.charset(), weights: .plain)
    let scores = try Self.doubtful("then", 1, "b", "h")
    let reading = decoder.decode(scores, options: ReadingOptions(characters: true, alternatives: 3))
    #expect(reading.best.text == "tben")
    #expect(reading.alternatives.map(\.text).contains("then"))
    #expect(reading.alternatives.count == 3)
    for candidate in [reading.best] + reading.alternatives {
      let classes = try #require(decoder.charset.encode(candidate.text))
      #expect(abs(candidate.confidence - exp(CTCLikelihood.logProbability(of: classes, in: scores))) < 1e-6)
    }
    #expect(reading.characters.map(\.text) == ["t", "b", "e", "n"])
    #expect(reading.characters.allSatisfy { (0...1).contains($0.confidence) })
    #expect(reading.characters[1].confidence < reading.characters[0].confidence)
  }

  @Test func `confidences fall from candidate to candidate and sum to one at most`() throws {
    let decoder = try Self.decoder(DecodingWeights())
    var random = SeededRandom(seed: 4)
    for _ in 0..<20 {
      let scores = CTCOracle.frames(15, classes: decoder.charset.classCount, contrast: 4, random: &random)
      let reading = decoder.decode(scores, options: ReadingOptions(alternatives: 10))
      let values = ([reading.best] + reading.alternatives).map(\.confidence)
      #expect(values == values.sorted(by: >))
      #expect(values.reduce(0, +) <= 1 + 1e-9)
      #expect(reading.characters.isEmpty)
    }
  }

  @Test func `frames of an empty image and of broken numbers are answered`() throws {
    let decoder = try Self.decoder(DecodingWeights())
    let count = decoder.charset.classCount
    #expect(decoder.decode(FrameScores(frames: 0, classes: count, values: [])).best.text == "")
    let broken = FrameScores(frames: 4, classes: count, values: Array(repeating: .nan, count: 4 * count))
    _ = decoder.decode(broken, options: ReadingOptions(characters: true, alternatives: 10))
  }

  @Test func `a language model for other characters is refused`() throws {
    let model = try CharacterNGram(words: [("ab", 1)], charset: Charset(texts: ["ab"]))
    #expect(throws: ModelFileError.self) { try WordDecoder(charset: Self.charset(), languageModel: model) }
    let lexicon = try Lexicon(words: [("ab", 1)], charset: Charset(texts: ["ab"]))
    #expect(throws: ModelFileError.self) { try WordDecoder(charset: Self.charset(), lexicon: lexicon) }
  }

  @Test func `weights come back from JSON and are bounded`() throws {
    let weights = DecodingWeights(alpha: 0.3, beta: -0.5, gamma: 2, beamWidth: 25)
    #expect(try DecodingWeights(json: JSON(parsing: weights.json.text)) == weights)
    for damaged in [
      #"{}"#, #"{"alpha":-1,"beta":0,"gamma":0,"beamWidth":9}"#,
      #"{"alpha":1,"beta":0,"gamma":0,"beamWidth":100000000000}"#,
    ] {
      let json = try JSON(parsing: damaged)
      #expect(throws: ModelFileError.self) { try DecodingWeights(json: json) }
    }
  }

  @Test func `tuned weights read validation words better than the image alone`() throws {
    var random = SeededRandom(seed: 6)
    let decoder = try Self.decoder(.plain)
    let references = Self.words.map(\.text) + ["Then", "thorn", "AND", "shed,"]
    let frames = references.map {
      CTCOracle.frames(of: $0, charset: decoder.charset, peak: 4.5, noise: 2.8, random: &random)
    }
    let weights = DecodingTuner(decoder).tune(frames: frames, references: references)
    let plain = try Self.errors(decoder, frames, references)
    let tuned = try Self.errors(Self.decoder(weights), frames, references)
    print("tuned \(weights): \(tuned) errors, plain \(plain)")
    #expect(tuned * 2 < plain)
    #expect(weights.beamWidth == decoder.weights.beamWidth)
  }

  @Test func `without words to tune on, or anything to weigh, the image alone counts`() throws {
    let plain = try WordDecoder(charset: Self.charset(), weights: DecodingWeights(beamWidth: 12))
    let weights = DecodingTuner(plain).tune(frames: [], references: [])
    #expect(weights == DecodingWeights(alpha: 0, beta: 0, gamma: 0, beamWidth: 12))
  }

  @Test func `the time of a word of forty frames`() throws {
    let decoder = try Self.decoder(DecodingWeights())
    let charset = decoder.charset
    var random = SeededRandom(seed: 8)
    let frames = (0..<20).map { _ in
      CTCOracle.frames(of: "there,another", charset: charset, peak: 5, noise: 2.5, random: &random)
    }
    let search = PrefixBeamSearch(width: 10, languageModel: decoder.languageModel, alpha: 0.4, beta: 0.5)
    let clock = ContinuousClock()
    let whole = clock.measure { for scores in frames { _ = decoder.decode(scores) } } / frames.count
    let beam = clock.measure { for scores in frames { _ = search.search(scores, best: 5) } } / frames.count
    print("T=\(frames[0].frames) C=\(charset.classCount): decode \(whole) a word, beam 10 with n-gram \(beam)")
    #expect(whole < .seconds(1))
  }

  private static func errors(_ decoder: WordDecoder, _ frames: [FrameScores], _ references: [String]) throws -> Int {
    zip(frames, references).reduce(0) { $0 + EditDistance.characters($1.1, decoder.decode($1.0).best.text) }
  }
}
