import Glibc

/// Turns the frames of one word into its text: candidates from an open beam search and from one that is bound to the
/// lexicon are scored together, and the best one wins.
public struct WordDecoder: Sendable {
  /// One text that the frames may carry, with all that its score is made of.
  struct Candidate: Sendable {
    let classes: [Int32]
    /// log p(text | image), over all paths.
    let image: Double
    /// log p(text | language), its end included; 0 without a language model.
    let language: Double
    let isInLexicon: Bool

    func score(_ weights: DecodingWeights) -> Double {
      image + weights.alpha * language + weights.beta * Double(classes.count) + (isInLexicon ? weights.gamma : 0)
    }
  }

  public let charset: Charset
  public var weights: DecodingWeights
  let languageModel: CharacterNGram?
  let lexicon: Lexicon?

  /// - Throws: when the language model or the lexicon is made for another character set.
  public init(
    charset: Charset, languageModel: CharacterNGram? = nil, lexicon: Lexicon? = nil,
    weights: DecodingWeights = DecodingWeights()
  ) throws(ModelFileError) {
    guard languageModel.map({ $0.charset == charset }) ?? true else {
      throw ModelFileError("the language model", "it was made for other characters than the recogniser's")
    }
    guard lexicon.map({ $0.charset == charset }) ?? true else {
      throw ModelFileError("the lexicon", "it was made for other characters than the recogniser's")
    }
    self.charset = charset
    self.weights = weights
    self.languageModel = languageModel
    self.lexicon = lexicon
  }

  /// Reads one word. Confidences are shares of the probability that the image gives to all candidates together; without
  /// language model and lexicon they are the image's own probabilities of the texts.
  /// - Precondition: the frames have `charset.classCount` classes.
  public func decode(_ scores: FrameScores, options: ReadingOptions = ReadingOptions()) -> WordReading {
    precondition(scores.classes == charset.classCount)
    let wanted = min(max(options.alternatives, 0), ReadingOptions.maximumAlternatives)
    let ranked = candidates(for: scores, weights: weights, count: max(wanted + 1, 6))
      .map { (candidate: $0, score: $0.score(weights)) }.sorted { $0.score > $1.score }
    let shares = Self.confidences(ranked.map(\.candidate.image), scores: ranked.map(\.score))
    let texts = zip(ranked, shares).map {
      WordReading.Candidate(text: charset.decode($0.candidate.classes), confidence: $1)
    }
    guard let best = ranked.first?.candidate else { return WordReading(best: .init(text: "", confidence: 0)) }
    return WordReading(
      best: texts[0], characters: options.characters ? characters(of: best.classes, in: scores) : [],
      alternatives: Array(texts.dropFirst().prefix(wanted)))
  }

  /// The texts that are worth scoring, each once, in no order.
  func candidates(for scores: FrameScores, weights: DecodingWeights, count: Int) -> [Candidate] {
    let open = PrefixBeamSearch(
      width: max(weights.beamWidth, count), languageModel: languageModel, alpha: weights.alpha, beta: weights.beta)
    var found = open.search(scores, best: count).map(\.classes)
    if let lexicon, weights.gamma != 0 {
      let bound = PrefixBeamSearch(
        width: max(weights.beamWidth, count), languageModel: languageModel, alpha: weights.alpha, beta: weights.beta,
        lexicon: lexicon)
      found += bound.search(scores, best: 3).map(\.classes)
    }
    var seen: Set<[Int32]> = []
    return found.filter { seen.insert($0).inserted }.map { classes in
      Candidate(
        classes: classes, image: CTCLikelihood.logProbability(of: classes, in: scores),
        language: languageModel?.logProbability(of: classes) ?? 0, isInLexicon: lexicon?.contains(classes) ?? false)
    }
  }

  private func characters(of classes: [Int32], in scores: FrameScores) -> [WordReading.Candidate] {
    zip(classes, CTCLikelihood.characterConfidences(of: classes, in: scores)).map {
      WordReading.Candidate(text: charset.decode([$0]), confidence: $1)
    }
  }

  /// Parts the candidates' probability by their scores: the order is that of the scores, and the sum never passes one.
  private static func confidences(_ images: [Double], scores: [Double]) -> [Double] {
    guard let top = scores.max(), top > -.infinity else { return scores.map { _ in 0 } }
    let mass = min(images.reduce(0) { $0 + exp($1) }, 1)
    let weights = scores.map { exp($0 - top) }
    let sum = weights.reduce(0, +)
    return weights.map { mass * $0 / sum }
  }
}
