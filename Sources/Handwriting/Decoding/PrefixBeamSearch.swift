/// Finds the likeliest texts of frames: prefixes grow frame by frame, and the best `width` of them live on (Hannun et
/// al., "First-Pass Large Vocabulary Continuous Speech Recognition using Bi-Directional Recurrent DNNs", 2014).
///
/// A text's score is log p(text | image) + alpha * log p(text | language) + beta * length. With a lexicon, only its
/// words are found.
public struct PrefixBeamSearch: Sendable {
  /// One text that was found.
  public struct Hypothesis: Sendable, Equatable {
    public let classes: [Int32]
    /// log p(text | image) over the paths that stayed in the beam: never more than `CTCLikelihood` tells.
    public let logProbability: Double
    public let score: Double
  }

  /// How many prefixes live on.
  public let width: Int
  /// A class that is less likely in a frame (natural logarithm) begins no new prefix there.
  public let classFloor: Float
  public let alpha: Double
  public let beta: Double
  private let languageModel: CharacterNGram?
  private let lexicon: Lexicon?

  /// - Precondition: the language model and the lexicon are made for the classes of the frames.
  public init(
    width: Int = 10, classFloor: Float = -9, languageModel: CharacterNGram? = nil, alpha: Double = 0, beta: Double = 0,
    lexicon: Lexicon? = nil
  ) {
    self.width = max(width, 1)
    self.classFloor = classFloor
    self.languageModel = alpha == 0 ? nil : languageModel
    self.alpha = alpha
    self.beta = beta
    self.lexicon = lexicon
  }

  /// The best texts, best first; at most `count`, and none when no word of the lexicon fits.
  public func search(_ scores: FrameScores, best count: Int) -> [Hypothesis] {
    var beam = PrefixBeam(width: width, start: start, ceiling: max(beta, 0))
    var likely: [Int32] = []
    scores.values.withUnsafeBufferPointer { values in
      for frame in 0..<scores.frames {
        let row = UnsafeBufferPointer(rebasing: values[(frame * scores.classes)..<((frame + 1) * scores.classes)])
        likely.removeAll(keepingCapacity: true)
        for symbol in 1..<row.count where row[symbol] > classFloor { likely.append(Int32(symbol)) }
        beam.advance(row, likely: likely) { step($0, by: $1) }
      }
    }
    let ended = beam.entries.compactMap { entry in
      ending(entry.state).map { (entry: entry, score: entry.score + $0) }
    }
    return ended.sorted { $0.score > $1.score }.prefix(max(count, 0)).map {
      Hypothesis(classes: beam.classes(of: $0.entry), logProbability: $0.entry.total, score: $0.score)
    }
  }

  private var start: PrefixBeam.State {
    PrefixBeam.State(language: languageModel?.start ?? CharacterNGram.State(node: 0), word: Lexicon.State())
  }

  /// What the next character adds to a prefix's score, and the state behind it; nil when the lexicon forbids it.
  private func step(_ state: PrefixBeam.State, by symbol: Int32) -> (bonus: Double, next: PrefixBeam.State)? {
    var next = state
    var bonus = beta
    if let lexicon {
      guard let word = lexicon.step(state.word, by: symbol) else { return nil }
      next.word = word
    }
    if let languageModel {
      let (value, language) = languageModel.advance(state.language, by: symbol)
      bonus += alpha * Double(value)
      next.language = language
    }
    return (bonus, next)
  }

  /// What a text's end adds to its score; nil where no word of the lexicon ends.
  private func ending(_ state: PrefixBeam.State) -> Double? {
    if let lexicon, !lexicon.isEnd(state.word) { return nil }
    guard let languageModel else { return 0 }
    return alpha * Double(languageModel.advance(state.language, by: CharacterNGram.end).logProbability)
  }
}
