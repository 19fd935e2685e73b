import Wire

/// How a job's program is started.
enum JobRuntime: Sendable, Equatable {
  /// An algorithm of ours, in `htr-worker`.
  case builtin(algorithm: String)
  /// SageMaker's script mode with an interpreter.
  case script(python: String)
  /// Any program: ContainerEntrypoint and ContainerArguments.
  case command([String])

  var name: String {
    switch self {
    case .builtin: "builtin"
    case .script: "script"
    case .command: "command"
    }
  }
}

/// Maps image and algorithm names to runtimes: the rules of settings.yaml first, then those that come with htr.
struct RuntimeCatalog: Sendable {
  private let rules: [Settings.ImageRule]
  private let python: String
  private let algorithms: [String]

  /// Framework images of the SageMaker SDK run in script mode; `htr/…` names are ours.
  private static let standardRules: [Settings.ImageRule] = [
    .init(match: "htr/script*", runtime: .script),
    .init(match: "htr/command*", runtime: .command),
    .init(match: "*pytorch-training:*", runtime: .script),
    .init(match: "*tensorflow-training:*", runtime: .script),
    .init(match: "*mxnet-training:*", runtime: .script),
    .init(match: "*sagemaker-scikit-learn:*", runtime: .script),
    .init(match: "*sagemaker-xgboost:*", runtime: .script),
  ]

  init(settings: Settings, algorithms: [String]) {
    self.algorithms = algorithms
    python = settings.python
    rules =
      settings.images + Self.standardRules
      + algorithms.map { .init(match: "htr/\($0)", runtime: .builtin, algorithm: $0) }
      + algorithms.map { .init(match: "htr/\($0):*", runtime: .builtin, algorithm: $0) }
  }

  /// Throws a ValidationException that says which names would work.
  func runtime(for request: CreateTrainingJobRequest) throws(ServiceError) -> JobRuntime {
    if let name = request.algorithmName {
      guard request.entrypoint.isEmpty, request.entrypointArguments.isEmpty else {
        throw .validation(
          "ContainerEntrypoint and ContainerArguments go with a TrainingImage, not with AlgorithmName '\(name)'.")
      }
      return try builtin(name)
    }
    let image = request.image ?? ""
    guard let rule = rules.first(where: { Self.matches(image, $0.match) }) else {
      throw .validation(
        "No runtime is known for the TrainingImage '\(image)'. Map it in settings.yaml (images: match and runtime), or use 'htr/script', 'htr/command', a SageMaker framework image, or AlgorithmName with one of: \(algorithms.joined(separator: ", "))."
      )
    }
    if !request.entrypoint.isEmpty { return .command(request.entrypoint + request.entrypointArguments) }
    switch rule.runtime {
    case .builtin: return try builtin(rule.algorithm ?? "")
    case .script:
      guard request.hyperparameters["sagemaker_program"] != nil else {
        throw .validation(
          "The image '\(image)' runs in script mode and needs the hyperparameter sagemaker_program (with sagemaker_submit_directory), or a ContainerEntrypoint."
        )
      }
      return .script(python: rule.python ?? python)
    case .command:
      guard !request.entrypointArguments.isEmpty else {
        throw .validation("The image '\(image)' runs a command and needs AlgorithmSpecification.ContainerEntrypoint.")
      }
      return .command(request.entrypointArguments)
    }
  }

  private func builtin(_ name: String) throws(ServiceError) -> JobRuntime {
    guard algorithms.contains(name) else {
      throw .validation("There is no algorithm '\(name)'. Known algorithms: \(algorithms.joined(separator: ", ")).")
    }
    return .builtin(algorithm: name)
  }

  /// Matches a name with a pattern in which `*` stands for any text; linear in the name for each star.
  static func matches(_ name: String, _ pattern: String) -> Bool {
    let parts = pattern.split(separator: "*", omittingEmptySubsequences: false)
    guard parts.count > 1, let first = parts.first, let last = parts.last else { return name == pattern }
    guard name.hasPrefix(first) else { return false }
    var rest = name.dropFirst(first.count)
    for part in parts.dropFirst().dropLast() where !part.isEmpty {
      guard let range = rest.firstRange(of: part) else { return false }
      rest = rest[range.upperBound...]
    }
    return rest.count >= last.count && rest.hasSuffix(last)
  }
}
