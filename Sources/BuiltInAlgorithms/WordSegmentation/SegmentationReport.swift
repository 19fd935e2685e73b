import Segmentation

/// A training's events as the lines of its log. Metric definitions read them, so their form is kept.
enum SegmentationReport {
  static func lines(_ event: SegmentationEvent) -> [String] {
    switch event {
    case .progress(let progress): line(progress)
    case .evaluated(let evaluation): lines(evaluation)
    }
  }

  /// As the blog's metric definitions want them: `iter: N`, `total_loss: x` (Detectron2's form).
  private static func line(_ progress: SegmentationProgress) -> [String] {
    [
      "eta: \(Int(min(progress.secondsLeft, 1e9))) s  iter: \(progress.step)  "
        + "total_loss: \(FixedPoint.text(progress.loss.total))  loss_kernel: \(FixedPoint.text(progress.loss.kernel))  "
        + "loss_text: \(FixedPoint.text(progress.loss.text))  epoch: \(FixedPoint.text(progress.epochs, digits: 2))  "
        + "windows/s: \(FixedPoint.text(progress.windowsPerSecond, digits: 1))  "
        + "lr: \(FixedPoint.text(progress.learningRate, digits: 6))  "
        + "gradient: \(FixedPoint.text(progress.gradientLength, digits: 2))  "
        + "progress: \(FixedPoint.text(progress.share * 100, digits: 1)) %"
    ]
  }

  private static func lines(_ evaluation: SegmentationEvaluation) -> [String] {
    var lines = [
      "Evaluation \(evaluation.number) at iter: \(evaluation.step)  train_loss: \(FixedPoint.text(evaluation.trainLoss))"
    ]
    if let validation = evaluation.validation {
      lines.append("Validation \(rates(validation.overall)) AP50 \(average(validation).at50)")
    }
    if let test = evaluation.test {
      lines.append("Test \(rates(test.overall)) AP50 \(average(test).at50) AP \(average(test).mean)")
      lines += collections(test)
    }
    if evaluation.isBest { lines.append("Best weights so far: evaluation \(evaluation.number)") }
    return lines
  }

  static func rates(_ rates: DetectionRates) -> String {
    "precision \(FixedPoint.text(rates.precision)) recall \(FixedPoint.text(rates.recall)) hmean "
      + FixedPoint.text(rates.hmean)
  }

  static func average(_ scores: DetectionScores, of collection: String? = nil) -> (at50: String, mean: String) {
    let average = scores.averagePrecision(of: collection)
    return (FixedPoint.text(average.at50), FixedPoint.text(average.mean))
  }

  static func collections(_ scores: DetectionScores) -> [String] {
    guard scores.collections.count > 1 else { return [] }
    return scores.collections.sorted { $0.key < $1.key }.map { name, found in
      "  \(name): \(rates(found)) AP50 \(average(scores, of: name).at50) (\(found.truth) words)"
    }
  }
}
