import Handwriting

/// A training's events as the lines of its log. Metric definitions read them, so their form is kept.
enum RecognitionReport {
  static func lines(_ event: TrainingEvent) -> [String] {
    switch event {
    case .progress(let progress): [line(progress)]
    case .evaluated(let evaluation): lines(evaluation)
    }
  }

  private static func line(_ progress: TrainingProgress) -> String {
    "Progress \(FixedPoint.text(progress.share * 100, digits: 1)) %: step \(progress.step), epoch "
      + "\(FixedPoint.text(progress.epochs, digits: 2)), \(Int(progress.wordsPerSecond)) words/s, loss "
      + "\(FixedPoint.text(progress.loss)), learning rate \(FixedPoint.text(progress.learningRate, digits: 6)), gradient "
      + "\(FixedPoint.text(progress.gradientLength, digits: 2)), \(duration(progress.secondsLeft)) left"
  }

  /// As the blog's metric definitions want them: `Iteration N`, `Train loss x`, `Test loss x`.
  private static func lines(_ evaluation: TrainingEvaluation) -> [String] {
    var lines = ["Iteration \(evaluation.number)", "Train loss \(FixedPoint.text(evaluation.trainLoss))"]
    if let validation = evaluation.validation {
      lines.append("Validation loss \(FixedPoint.text(validation.loss))")
      lines.append("Validation CER \(FixedPoint.text(validation.scores.overall.characterErrorRate))")
    }
    if let test = evaluation.test {
      lines.append("Test loss \(FixedPoint.text(test.loss))")
      lines.append(
        "Test CER \(FixedPoint.text(test.scores.overall.characterErrorRate)) WER "
          + "\(FixedPoint.text(test.scores.overall.wordErrorRate)) exact "
          + "\(FixedPoint.text(test.scores.overall.exactMatchRate))")
      lines += collections(test.scores)
    }
    if evaluation.isBest { lines.append("Best weights so far: iteration \(evaluation.number)") }
    return lines
  }

  static func collections(_ scores: CollectionScores) -> [String] {
    guard scores.collections.count > 1 else { return [] }
    return scores.collections.sorted { $0.key < $1.key }.map { name, rates in
      "  \(name): CER \(FixedPoint.text(rates.characterErrorRate)), exact \(FixedPoint.text(rates.exactMatchRate)) "
        + "(\(rates.samples) words)"
    }
  }

  private static func duration(_ seconds: Double) -> String {
    let whole = Int(min(seconds, 1e9))
    return whole < 120 ? "\(whole) s" : "\(whole / 60) min"
  }
}
