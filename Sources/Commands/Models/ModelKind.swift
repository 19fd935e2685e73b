import Client
import Handwriting
import HostKit
import JSONKit
import Pages

/// What a model's files are for, as the image that serves them.
enum ModelKind {
  /// Of the image's file in the archive, for `htr/command`.
  static let program = "code/serve"
  static let script = "code/inference.py"

  /// The image that serves the training job's model.
  static func image(ofJob record: TrainingJobRecord) -> String? {
    let algorithm = record.job["AlgorithmSpecification"]
    if let name = algorithm?["AlgorithmName"]?.string { return "htr/\(name)" }
    return algorithm?["TrainingImage"]?.string.map(inferenceTwin)
  }

  /// The framework's image for serving beside its image for training; images that do both stay.
  static func inferenceTwin(_ image: String) -> String {
    guard let range = image.firstRange(of: "-training:") else { return image }
    return image.replacingCharacters(in: range, with: "-inference:")
  }

  /// True for images that run SageMaker's inference scripts.
  static func isScript(_ image: String) -> Bool {
    image.hasPrefix("htr/script") || image.contains("-inference") || image.contains("sagemaker-scikit-learn:")
      || image.contains("sagemaker-xgboost:")
  }

  /// By what lies in the folder: code of its own goes before a model of ours. nil when nothing tells.
  static func image(ofFolder folder: String) throws -> String? {
    if Files.exists("\(folder)/\(program)") { return "htr/command" }
    if Files.exists("\(folder)/\(ModelTree.code)") { return "htr/script" }
    guard let models = try models(in: folder) else { return nil }
    switch (models.segmentation, models.recognition) {
    case (.some, .some): return "htr/page"
    case (.some, nil): return "htr/word-segmentation"
    default: return "htr/text-recognition"
    }
  }

  /// The models of ours in a folder; nil when there is none.
  /// - Throws: `Failure` when there are some that cannot serve.
  static func models(in folder: String) throws -> ModelFolders? {
    let file = RecognitionModel.File.configuration
    let places = [folder] + (try Files.names(in: folder)).prefix(1_000).map { "\(folder)/\($0)" }
    guard places.contains(where: { Files.exists("\($0)/\(file)") }) else { return nil }
    do {
      return try ModelFolders([folder])
    } catch {
      throw Failure("model", "\(error)", advice: "Say what serves it: --image.")
    }
  }
}

extension String {
  fileprivate func replacingCharacters(in range: Range<String.Index>, with text: String) -> String {
    self[..<range.lowerBound] + text + self[range.upperBound...]
  }
}
