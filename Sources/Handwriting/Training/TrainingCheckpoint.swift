import JSONKit
public import TensorKit

/// Everything that a training needs to go on exactly where it was, as one safetensors file.
public struct TrainingCheckpoint {
  private static let version = "1"

  private let arrays: [(name: String, array: FlatArray)]
  private let optimizer: AdamW

  /// - Parameters:
  ///   - best: weights and statistics of the best evaluation.
  ///   - statistics: of each replica.
  public init(_ optimizer: AdamW, best: (weights: FlatArray, statistics: FlatArray), statistics: [FlatArray]) {
    self.optimizer = optimizer
    arrays =
      [
        ("weights", optimizer.weights), ("moment1", optimizer.moment1), ("moment2", optimizer.moment2),
        ("average", optimizer.average), ("best.weights", best.weights), ("best.statistics", best.statistics),
      ] + statistics.enumerated().map { ("statistics.\($0)", $1) }
  }

  /// The state after the last step.
  ///
  /// - Parameter identity: what must be the same for going on to make sense: settings and data, in any form.
  public func file<Point>(_ state: TrainingState<Point>, identity: String) throws(ModelFileError) -> SafetensorsFile {
    try SafetensorsFile(
      tensors: arrays.map { SafetensorsFile.tensor($0, whole: $1) },
      metadata: [
        "checkpoint_version": Self.version, "identity": identity, "optimizer_steps": "\(optimizer.step)",
        "state": state.json.text,
      ])
  }

  /// Fills the arrays from a checkpoint.
  ///
  /// - Returns: where the training stood; nil, and nothing has changed, when it is of another training.
  /// - Throws: when it is damaged.
  public func resume<Point>(
    from file: SafetensorsFile, identity: String
  ) throws(ModelFileError) -> TrainingState<Point>? {
    guard file.metadata["checkpoint_version"] == Self.version, file.metadata["identity"] == identity else {
      return nil
    }
    guard let steps = file.metadata["optimizer_steps"].flatMap({ Int($0) }), steps >= 0,
      let text = file.metadata["state"], let json = try? JSON(parsing: Array(text.utf8)),
      let state = TrainingState<Point>(json: json)
    else { throw ModelFileError("the checkpoint", "its metadata are not those of a checkpoint") }
    try file.fill(arrays, subject: "the checkpoint")
    optimizer.step = steps
    return state
  }
}
