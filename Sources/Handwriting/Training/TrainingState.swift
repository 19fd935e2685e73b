public import JSONKit

/// What a training keeps of each evaluation.
public protocol TrainingCurvePoint: Sendable, Equatable {
  var json: JSON { get }
  init?(json: JSON)
}

/// Where a training stands, beside its arrays: small, and saved with them.
public struct TrainingState<Point: TrainingCurvePoint>: Sendable, Equatable {
  /// Steps taken, whether or not they changed the weights.
  public internal(set) var step = 0
  /// Time spent, over all attempts.
  public var seconds = 0.0
  public internal(set) var evaluations = 0
  public internal(set) var bestErrorRate = Double.infinity
  public internal(set) var bestEvaluation = 0
  /// Sum and number of the losses since the last evaluation.
  var lossSum = 0.0
  var lossCount = 0
  /// Steps in a row without a finite gradient.
  var badSteps = 0
  public var curve: [Point] = []

  public init() {}

  /// So many bad steps in a row do not pass by themselves.
  private static var mostBadSteps: Int { 100 }

  /// - Throws: when step after step had no finite gradient.
  public mutating func noteStep(loss: Double, gradientLength: Double) throws(TrainingFault) {
    step += 1
    lossSum += loss
    lossCount += 1
    badSteps = gradientLength.isFinite ? 0 : badSteps + 1
    if badSteps >= Self.mostBadSteps {
      throw TrainingFault(
        description: "The training has come apart: \(badSteps) steps in a row had no finite gradient. "
          + "Lower learning_rate and begin again.")
    }
  }

  /// Mean loss since the last evaluation.
  public mutating func takeTrainLoss() -> Double {
    defer { (lossSum, lossCount) = (0, 0) }
    return lossSum / Double(max(1, lossCount))
  }

  /// - Parameter errorRate: nil when there was nothing to evaluate on; the latest weights are then the best.
  /// - Returns: whether this evaluation is the best so far.
  public mutating func noteEvaluation(errorRate: Double?) -> Bool {
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

  public func isOutOfPatience(_ patience: Int) -> Bool { patience > 0 && evaluations - bestEvaluation >= patience }
}

extension TrainingState {
  /// Numbers as bit patterns where a rounded one would not be the same.
  public var json: JSON {
    [
      "step": .integer(Int64(step)), "seconds": .number(seconds), "evaluations": .integer(Int64(evaluations)),
      "best_error_rate": bits(bestErrorRate), "best_evaluation": .integer(Int64(bestEvaluation)),
      "loss_sum": bits(lossSum), "loss_count": .integer(Int64(lossCount)), "bad_steps": .integer(Int64(badSteps)),
      "curve": .array(curve.map(\.json)),
    ]
  }

  public init?(json: JSON) {
    func count(_ name: String) -> Int? { json[name]?.integer.flatMap { $0 >= 0 ? Int($0) : nil } }
    func exact(_ name: String) -> Double? {
      json[name]?.string.flatMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
    }
    guard let step = count("step"), let seconds = json["seconds"]?.number, let evaluations = count("evaluations"),
      let bestErrorRate = exact("best_error_rate"), let bestEvaluation = count("best_evaluation"),
      let lossSum = exact("loss_sum"), let lossCount = count("loss_count"), let badSteps = count("bad_steps"),
      let points = json["curve"]?.array
    else { return nil }
    (self.step, self.seconds, self.evaluations) = (step, seconds, evaluations)
    (self.bestErrorRate, self.bestEvaluation) = (bestErrorRate, bestEvaluation)
    (self.lossSum, self.lossCount, self.badSteps) = (lossSum, lossCount, badSteps)
    curve = points.compactMap { Point(json: $0) }
    guard curve.count == points.count else { return nil }
  }

  private func bits(_ value: Double) -> JSON { .string(String(value.bitPattern, radix: 16)) }
}
