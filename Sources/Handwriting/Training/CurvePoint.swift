public import JSONKit

extension CurvePoint: TrainingCurvePoint {
  init(_ evaluation: TrainingEvaluation) {
    self.init(
      number: evaluation.number, epochs: evaluation.epochs, trainLoss: evaluation.trainLoss,
      validationErrorRate: evaluation.validation?.scores.overall.characterErrorRate,
      testLoss: evaluation.test?.loss, testErrorRate: evaluation.test?.scores.overall.characterErrorRate,
      testExactRate: evaluation.test?.scores.overall.exactMatchRate)
  }

  public var json: JSON {
    .members([
      "iteration": .integer(Int64(number)), "epochs": .number(epochs), "train_loss": .number(trainLoss),
      "validation_cer": validationErrorRate.map { .number($0) }, "test_loss": testLoss.map { .number($0) },
      "test_cer": testErrorRate.map { .number($0) }, "test_exact": testExactRate.map { .number($0) },
    ])
  }

  public init?(json: JSON) {
    guard let number = json["iteration"]?.integer, let epochs = json["epochs"]?.number,
      let trainLoss = json["train_loss"]?.number
    else { return nil }
    self.init(
      number: Int(number), epochs: epochs, trainLoss: trainLoss, validationErrorRate: json["validation_cer"]?.number,
      testLoss: json["test_loss"]?.number, testErrorRate: json["test_cer"]?.number,
      testExactRate: json["test_exact"]?.number)
  }
}
