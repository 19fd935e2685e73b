public import ImageKit
public import TensorKit

/// Reads words with a trained model: normalising, network, decoding.
public final class NetworkReader: WordReader {
  private let scorer: FrameScorer
  private let decoder: WordDecoder
  private let readsBestPath: Bool

  /// - Parameters:
  ///   - backends: one for each thread.
  ///   - readsBestPath: takes each frame's likeliest class instead of searching with language model and lexicon.
  public init(_ model: RecognitionModel, backends: [any KernelBackend], readsBestPath: Bool = false) throws {
    let configuration = model.configuration
    scorer = FrameScorer(
      model.network, buckets: WidthBuckets(maximum: configuration.maximumWidth), backends: backends)
    scorer.load(weights: model.weights, statistics: model.statistics)
    decoder = try WordDecoder(
      charset: configuration.charset, languageModel: model.languageModel, lexicon: model.lexicon,
      weights: configuration.decoding)
    self.readsBestPath = readsBestPath
  }

  public func read(_ words: [GreyImage], options: ReadingOptions) throws -> [WordReading] {
    let frames = try scorer.scores(of: words.map { InkNormalizer.ink($0, height: WordSet.inkHeight) })
    return frames.map { readsBestPath ? bestPath($0, options) : decoder.decode($0, options: options) }
  }

  private func bestPath(_ frames: FrameScores, _ options: ReadingOptions) -> WordReading {
    let found = BestPath.decode(frames)
    let charset = decoder.charset
    let characters = zip(found.classes, found.characterConfidences).map {
      WordReading.Candidate(text: charset.decode([$0]), confidence: $1)
    }
    return WordReading(
      best: .init(text: charset.decode(found.classes), confidence: found.confidence),
      characters: options.characters ? characters : [])
  }
}
