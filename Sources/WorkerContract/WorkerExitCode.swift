/// What the exit code of a built-in algorithm's worker says. Signals and a script's own codes are apart.
public enum WorkerExitCode: Int32, Sendable, CaseIterable {
  case done = 0
  /// The algorithm gave up; `output/failure` says why.
  case algorithmError = 1
  /// The request cannot be carried out: an unknown algorithm, bad hyperparameters, no job folder.
  case badRequest = 2
  /// The channels do not hold what the algorithm needs.
  case badData = 3

  /// The part to blame, as FailureReason begins.
  public var failureClass: String {
    switch self {
    case .done, .algorithmError: "AlgorithmError"
    case .badRequest, .badData: "ClientError"
    }
  }
}
