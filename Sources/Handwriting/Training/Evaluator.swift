import ImageKit
import TensorKit

/// Reads a fixed set of words by best path and scores it.
struct Evaluator {
  let words: TrainingWords
  let charset: Charset
  private static let chunk = 2048

  /// Nil when there is no word to read.
  func evaluate(_ scorer: FrameScorer) throws(KernelFault) -> EvaluationScores? {
    guard !words.samples.isEmpty else { return nil }
    var scores = CollectionScores()
    var (loss, characters) = (0.0, 0)
    for start in stride(from: 0, to: words.samples.count, by: Self.chunk) {
      let range = start..<min(start + Self.chunk, words.samples.count)
      let frames = try scorer.scores(of: words.samples[range].map(\.ink))
      for (index, frame) in zip(range, frames) {
        let reading = BestPath.decode(frame).classes
        scores.add(
          reference: words.samples[index].text, reading: charset.decode(reading),
          collection: words.samples[index].collection)
        // A text with unknown characters, or one that needs more frames than there are, has no likelihood; it has
        // counted as an error above.
        let label = words.labels[index]
        let likelihood = label.isEmpty ? -.infinity : CTCLikelihood.logProbability(of: label, in: frame)
        guard likelihood.isFinite else { continue }
        loss -= likelihood
        characters += label.count
      }
    }
    return EvaluationScores(loss: loss / Double(max(1, characters)), scores: scores)
  }
}
