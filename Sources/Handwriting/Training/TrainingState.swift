/// Where a training stands, beside its arrays: small, and saved with them.
struct TrainingState: Sendable, Equatable {
  /// Steps taken, whether or not they changed the weights.
  var step = 0
  /// Time spent, over all attempts.
  var seconds = 0.0
  var evaluations = 0
  var bestErrorRate = Double.infinity
  var bestEvaluation = 0
  /// Sum and number of the losses since the last evaluation.
  var lossSum = 0.0
  var lossCount = 0
  /// Steps in a row without a finite gradient.
  var badSteps = 0
  var curve: [CurvePoint] = []

  /// So many bad steps in a row do not pass by themselves.
  private static let mostBadSteps = 100

  mutating func note(_ done: ReplicaTeam.StepReport) throws(TrainingFault) {
    step += 1
    lossSum += done.loss
    lossCount += 1
    badSteps = done.gradientLength.isFinite ? 0 : badSteps + 1
    if badSteps >= Self.mostBadSteps {
      throw TrainingFault(
        description: "The training has come apart: \(badSteps) steps in a row had no finite gradient. "
          + "Lower learning_rate and begin again.")
    }
  }

  /// Mean loss per character since the last evaluation.
  mutating func takeTrainLoss() -> Double {
    defer { (lossSum, lossCount) = (0, 0) }
    return lossSum / Double(max(1, lossCount))
  }

  /// - Parameter errorRate: nil when there was nothing to evaluate on; the latest weights are then the best.
  /// - Returns: whether this evaluation is the best so far.
  mutating func noteEvaluation(errorRate: Double?) -> Bool {
    evaluations += 1
    guard let errorRate else {
      bestEvaluation = evaluations
      return true
    }
    guard errorRate < bestErrorRate else { return false }
    bestErrorRate = errorRate
    bestEvaluation = evaluations
    return true
  }

  func isOutOfPatience(_ patience: Int) -> Bool { patience > 0 && evaluations - bestEvaluation >= patience }
}
