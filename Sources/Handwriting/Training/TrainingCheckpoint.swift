public import JSONKit
import TensorKit

/// Everything that a training needs to go on exactly where it was, as one safetensors file.
extension RecognitionTrainer {
  private static let version = "1"

  /// Arrays by the names that they have in a checkpoint.
  private var arrays: [(name: String, array: FlatArray)] {
    [
      ("weights", optimizer.weights), ("moment1", optimizer.moment1), ("moment2", optimizer.moment2),
      ("average", optimizer.average), ("best.weights", bestWeights), ("best.statistics", bestStatistics),
    ] + team.replicaStatistics.enumerated().map { ("statistics.\($0)", $1) }
  }

  /// The state after the last step.
  ///
  /// - Parameter identity: what must be the same for going on to make sense: settings and data, in any form.
  public func checkpoint(identity: String) throws(ModelFileError) -> SafetensorsFile {
    let tensors = arrays.map { name, array in
      SafetensorsFile.Tensor(
        name: name, shape: [array.count],
        values: [Float](UnsafeBufferPointer(start: array.pointer, count: array.count)))
    }
    return try SafetensorsFile(
      tensors: tensors,
      metadata: [
        "checkpoint_version": Self.version, "identity": identity, "optimizer_steps": "\(optimizer.step)",
        "state": state.json.text,
      ])
  }

  /// Goes on from a checkpoint.
  ///
  /// - Returns: false, and nothing has changed, when it is of another training.
  /// - Throws: when it is damaged.
  public func resume(from file: SafetensorsFile, identity: String) throws(ModelFileError) -> Bool {
    guard file.metadata["checkpoint_version"] == Self.version, file.metadata["identity"] == identity else {
      return false
    }
    guard let steps = file.metadata["optimizer_steps"].flatMap({ Int($0) }), steps >= 0,
      let text = file.metadata["state"], let json = try? JSON(parsing: Array(text.utf8)),
      let state = TrainingState(json: json)
    else { throw ModelFileError("the checkpoint", "its metadata are not those of a checkpoint") }
    // Looked at wholly before anything is changed.
    for (name, array) in arrays {
      guard let tensor = file[name], tensor.values.count == array.count else {
        throw ModelFileError("the checkpoint", "\(name) is missing or has another size")
      }
    }
    for (name, array) in arrays {
      for (index, value) in (file[name]?.values ?? []).enumerated() { array.pointer[index] = value }
    }
    optimizer.step = steps
    self.state = state
    return true
  }
}

extension CurvePoint {
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

  init?(json: JSON) {
    guard let number = json["iteration"]?.integer, let epochs = json["epochs"]?.number,
      let trainLoss = json["train_loss"]?.number
    else { return nil }
    self.init(
      number: Int(number), epochs: epochs, trainLoss: trainLoss, validationErrorRate: json["validation_cer"]?.number,
      testLoss: json["test_loss"]?.number, testErrorRate: json["test_cer"]?.number,
      testExactRate: json["test_exact"]?.number)
  }
}

extension TrainingState {
  /// Numbers as bit patterns where a rounded one would not be the same.
  var json: JSON {
    [
      "step": .integer(Int64(step)), "seconds": .number(seconds), "evaluations": .integer(Int64(evaluations)),
      "best_error_rate": bits(bestErrorRate), "best_evaluation": .integer(Int64(bestEvaluation)),
      "loss_sum": bits(lossSum), "loss_count": .integer(Int64(lossCount)), "bad_steps": .integer(Int64(badSteps)),
      "curve": .array(curve.map(\.json)),
    ]
  }

  init?(json: JSON) {
    func count(_ name: String) -> Int? { json[name]?.integer.flatMap { $0 >= 0 ? Int($0) : nil } }
    func exact(_ name: String) -> Double? {
      json[name]?.string.flatMap { UInt64($0, radix: 16) }.map(Double.init(bitPattern:))
    }
    guard let step = count("step"), let seconds = json["seconds"]?.number, let evaluations = count("evaluations"),
      let bestErrorRate = exact("best_error_rate"), let bestEvaluation = count("best_evaluation"),
      let lossSum = exact("loss_sum"), let lossCount = count("loss_count"), let badSteps = count("bad_steps"),
      let points = json["curve"]?.array
    else { return nil }
    self.init(
      step: step, seconds: seconds, evaluations: evaluations, bestErrorRate: bestErrorRate,
      bestEvaluation: bestEvaluation, lossSum: lossSum, lossCount: lossCount, badSteps: badSteps)
    curve = points.compactMap { CurvePoint(json: $0) }
    guard curve.count == points.count else { return nil }
  }

  private func bits(_ value: Double) -> JSON { .string(String(value.bitPattern, radix: 16)) }
}
