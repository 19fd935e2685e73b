import Resources
import Wire

/// How the worker of a container is started.
enum ServingRuntime: Sendable, Equatable {
  /// Models of ours, in `htr-inference`; `algorithms` are those that the image stands for.
  case builtin(algorithms: Set<String>)
  /// The stand-in that tests and trials deploy.
  case mock
  /// SageMaker's inference script contract with an interpreter.
  case script(python: String)
  /// Any program that serves `/ping` and `/invocations`.
  case command

  var name: String {
    switch self {
    case .builtin, .mock: "builtin"
    case .script: "script"
    case .command: "command"
    }
  }

  /// Requests that a worker takes at a time unless its environment says otherwise (`HTR_REQUESTS_PER_WORKER`). Ours gather
  /// words of several requests into one batch; a page takes all cores; a script is asked one request at a time.
  func requestsPerWorker(_ environment: [String: String]) -> Int {
    let asked = environment["HTR_REQUESTS_PER_WORKER"].flatMap { Int($0) }
    if let asked, (1...1024).contains(asked) { return asked }
    switch self {
    case .builtin(let algorithms): return algorithms == [Self.recognition] ? 32 : 4
    case .mock: return 64
    case .script:
      let processes = environment["SAGEMAKER_MODEL_SERVER_WORKERS"].flatMap { Int($0) }
      return min(max(processes ?? 1, 1), 64)
    case .command: return 8
    }
  }

  static let segmentation = "word-segmentation"
  static let recognition = "text-recognition"
}

/// Maps the images of models to runtimes: the rules of settings.yaml first, then those that come with htr.
struct ServingCatalog: Sendable {
  private let rules: [Settings.ImageRule]
  private let python: String

  /// The SageMaker SDK's framework images serve scripts; `htr/…` names are ours.
  private static let scriptImages = [
    "htr/script*", "*pytorch-inference*:*", "*tensorflow-inference*:*", "*mxnet-inference*:*",
    "*sagemaker-scikit-learn:*", "*sagemaker-xgboost:*", "*huggingface-*inference*:*",
  ]

  private static let algorithms: [String: Set<String>] = [
    ServingRuntime.segmentation: [ServingRuntime.segmentation],
    ServingRuntime.recognition: [ServingRuntime.recognition],
    "page": [ServingRuntime.segmentation, ServingRuntime.recognition],
  ]

  init(settings: Settings) {
    rules = settings.images
    python = settings.python
  }

  /// Throws a ValidationException that says which names would work.
  func runtime(of image: String) throws(ServiceError) -> ServingRuntime {
    if let rule = rules.first(where: { RuntimeCatalog.matches(image, $0.match) }) {
      switch rule.runtime {
      case .builtin: return try builtin(rule.algorithm ?? "", image)
      case .script: return .script(python: rule.python ?? python)
      case .command: return .command
      }
    }
    if Self.scriptImages.contains(where: { RuntimeCatalog.matches(image, $0) }) { return .script(python: python) }
    if RuntimeCatalog.matches(image, "htr/command*") { return .command }
    guard image.hasPrefix("htr/") else { throw unknown(image) }
    return try builtin(String(image.dropFirst(4).prefix { $0 != ":" }), image)
  }

  private func builtin(_ name: String, _ image: String) throws(ServiceError) -> ServingRuntime {
    if name == "mock" { return .mock }
    guard let algorithms = Self.algorithms[name] else { throw unknown(image) }
    return .builtin(algorithms: algorithms)
  }

  private func unknown(_ image: String) -> ServiceError {
    .validation(
      "No runtime is known that serves the image '\(image.prefix(255))'. Map it in settings.yaml (images: match and runtime), or use 'htr/text-recognition', 'htr/word-segmentation', 'htr/page', 'htr/script', 'htr/command', or a SageMaker framework's inference image."
    )
  }
}
