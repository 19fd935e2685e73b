/// What a training tells while it runs.
public enum TrainingEvent: Sendable {
  case progress(TrainingProgress)
  case evaluated(TrainingEvaluation)
}

/// Where a training stands.
public struct TrainingProgress: Sendable, Equatable {
  public var step: Int
  /// Passes over the words, with fractions.
  public var epochs: Double
  /// How much is done, 0...1.
  public var share: Double
  /// Negative log-likelihood per character, mean over the steps since the last report.
  public var loss: Double
  public var wordsPerSecond: Double
  public var secondsLeft: Double
  public var learningRate: Double
  /// The longest gradient since the last report, before clipping.
  public var gradientLength: Double
}

/// The scores of one evaluation.
public struct TrainingEvaluation: Sendable, Equatable {
  /// 1 for the first.
  public var number: Int
  public var epochs: Double
  /// Negative log-likelihood per character: in training (with augmentation and dropout), and on held-out words.
  public var trainLoss: Double
  public var validation: EvaluationScores?
  public var test: EvaluationScores?
  /// Whether these weights are the best so far, and kept.
  public var isBest: Bool
}

/// One point of a training's curve: what is kept of an evaluation.
public struct CurvePoint: Sendable, Equatable {
  public var number: Int
  public var epochs: Double
  public var trainLoss: Double
  public var validationErrorRate: Double?
  public var testLoss: Double?
  public var testErrorRate: Double?
  public var testExactRate: Double?
}

/// What reading a set of words showed.
public struct EvaluationScores: Sendable, Equatable {
  /// Negative log-likelihood per character.
  public var loss: Double
  public var scores: CollectionScores
}
