/// Finds the decoding weights that read validation words best.
///
/// The candidates are searched once for a few language weights, then every combination of weights only scores them
/// again: a grid of hundreds costs no more than a handful of decodings.
public struct DecodingTuner: Sendable {
  private struct Option {
    let candidate: WordDecoder.Candidate
    let errors: Int
  }

  /// Each from nothing away: of equal combinations the first one wins.
  static let alphas = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.8, 1, 1.3]
  static let betas = [0, 0.25, -0.5, 0.5, 0.75, -1, 1, 1.5, 2, 2.5, 3]
  static let gammas = [0, 0.5, 1, 1.5, 2, 3, 4, 5, 6, 8]
  private static let searched = [(0.0, 0.0), (0.1, -0.5), (0.3, 0.5), (0.8, 1.0)]

  private let decoder: WordDecoder

  /// - Parameter decoder: its beam width is kept, its other weights do not matter.
  public init(_ decoder: WordDecoder) { self.decoder = decoder }

  /// The weights of the fewest character errors, then of the most exact words, then those nearest to nothing.
  /// - Precondition: as many references as frames.
  public func tune(frames: [FrameScores], references: [String]) -> DecodingWeights {
    precondition(frames.count == references.count)
    guard !frames.isEmpty, decoder.languageModel != nil || decoder.lexicon != nil else {
      var plain = DecodingWeights.plain
      plain.beamWidth = decoder.weights.beamWidth
      return plain
    }
    let words = zip(frames, references).map { options(for: $0, reference: $1) }
    var best = (weights: decoder.weights, errors: Int.max, wrong: Int.max)
    for gamma in decoder.lexicon == nil ? [0] : Self.gammas {
      for alpha in decoder.languageModel == nil ? [0] : Self.alphas {
        for beta in Self.betas {
          let weights = DecodingWeights(alpha: alpha, beta: beta, gamma: gamma, beamWidth: decoder.weights.beamWidth)
          let (errors, wrong) = Self.count(words, weights)
          if (errors, wrong) < (best.errors, best.wrong) { best = (weights, errors, wrong) }
        }
      }
    }
    return best.weights
  }

  private func options(for scores: FrameScores, reference: String) -> [Option] {
    var seen: Set<[Int32]> = []
    var options: [Option] = []
    for (alpha, beta) in Self.searched {
      let weights = DecodingWeights(alpha: alpha, beta: beta, gamma: 1, beamWidth: decoder.weights.beamWidth)
      for candidate in decoder.candidates(for: scores, weights: weights, count: 6)
      where seen.insert(candidate.classes).inserted {
        let errors = EditDistance.characters(reference, decoder.charset.decode(candidate.classes))
        options.append(Option(candidate: candidate, errors: errors))
      }
    }
    return options
  }

  /// Character errors and wrong words when each word's best candidate is taken.
  private static func count(_ words: [[Option]], _ weights: DecodingWeights) -> (errors: Int, wrong: Int) {
    var errors = 0
    var wrong = 0
    for options in words {
      var best: (score: Double, errors: Int)?
      for option in options {
        let score = option.candidate.score(weights)
        if best.map({ score > $0.score }) ?? true { best = (score, option.errors) }
      }
      errors += best?.errors ?? 0
      wrong += (best?.errors ?? 0) == 0 ? 0 : 1
    }
    return (errors, wrong)
  }
}
