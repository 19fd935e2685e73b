public import Handwriting
public import JSONKit

/// What a training tells while it runs.
public enum SegmentationEvent: Sendable {
  case progress(SegmentationProgress)
  case evaluated(SegmentationEvaluation)
}

/// Where a training stands.
public struct SegmentationProgress: Sendable, Equatable {
  public var step: Int
  /// Passes over the pages, with fractions.
  public var epochs: Double
  /// How much is done, 0...1.
  public var share: Double
  /// Mean over the steps since the last report.
  public var loss: SegmentationLoss
  public var windowsPerSecond: Double
  public var secondsLeft: Double
  public var learningRate: Double
  /// The longest gradient since the last report, before clipping.
  public var gradientLength: Double
}

/// The scores of one evaluation.
public struct SegmentationEvaluation: Sendable {
  /// 1 for the first.
  public var number: Int
  public var step: Int
  public var epochs: Double
  /// In training, with augmentation.
  public var trainLoss: Double
  public var validation: DetectionScores?
  public var test: DetectionScores?
  /// Whether these weights are the best so far, and kept.
  public var isBest: Bool
}

/// One point of a training's curve: what is kept of an evaluation.
public struct SegmentationCurvePoint: TrainingCurvePoint {
  public var number: Int
  public var epochs: Double
  public var trainLoss: Double
  public var validationHmean: Double?
  public var testHmean: Double?

  init(_ evaluation: SegmentationEvaluation) {
    number = evaluation.number
    epochs = evaluation.epochs
    trainLoss = evaluation.trainLoss
    validationHmean = evaluation.validation?.overall.hmean
    testHmean = evaluation.test?.overall.hmean
  }

  public var json: JSON {
    .members([
      "iteration": .integer(Int64(number)), "epochs": .number(epochs), "train_loss": .number(trainLoss),
      "validation_hmean": validationHmean.map { .number($0) }, "test_hmean": testHmean.map { .number($0) },
    ])
  }

  public init?(json: JSON) {
    guard let number = json["iteration"]?.integer, let epochs = json["epochs"]?.number,
      let trainLoss = json["train_loss"]?.number
    else { return nil }
    self.number = Int(number)
    self.epochs = epochs
    self.trainLoss = trainLoss
    validationHmean = json["validation_hmean"]?.number
    testHmean = json["test_hmean"]?.number
  }
}
