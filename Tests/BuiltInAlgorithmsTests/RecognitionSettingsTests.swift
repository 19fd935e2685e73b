import Handwriting
import TensorKit
import Testing
import WorkerContract

@testable import BuiltInAlgorithms

/// What the hyperparameters of `text-recognition` mean, and what is said of those that mean nothing.
struct RecognitionSettingsTests {
  private func refusal(_ values: [String: String]) throws -> String {
    let failure = #expect(throws: AlgorithmFailure.self) { try TextRecognitionAlgorithm.make(values) }
    #expect(failure?.exitCode == WorkerExitCode.badRequest.rawValue)
    return try #require(failure).message
  }

  @Test func `without hyperparameters there is a default for each`() throws {
    let algorithm = try TextRecognitionAlgorithm.make([:])
    #expect(algorithm.plan.length == .epochs(30) && algorithm.plan.batch == 32 && algorithm.maximumWidth == nil)
    #expect(algorithm.size == nil && algorithm.keepsLexicon && algorithm.faultPolicy == .skip)
    #expect(algorithm.threads >= 1)
  }

  @Test func `each hyperparameter is taken over`() throws {
    let algorithm = try TextRecognitionAlgorithm.make([
      "minutes": "2.5", "batch_size": "16", "learning_rate": "0.01", "warm_up": "0.1", "weight_decay": "0.2",
      "augmentation": "0", "size": "\"medium\"", "maximum_width": "128", "validation_share": "0.5",
      "least_source_share": "0.25", "evaluations": "7", "patience": "3", "language_model_order": "2",
      "lexicon": "false",
      "on_bad_data": "stop", "seed": "9", "threads": "3", "backend": "reference",
    ])
    let plan = algorithm.plan
    #expect(plan.length == .minutes(2.5) && plan.batch == 16 && plan.weightDecay == 0.2)
    #expect(plan.learningRate == LearningRate(highest: 0.01, warmUp: 0.1))
    #expect(
      plan.evaluations == 7 && plan.patience == 3 && plan.seed == 9
        && plan.augmentation != TrainingPlan(length: .epochs(1)).augmentation)
    #expect(algorithm.size == .medium && algorithm.maximumWidth == 128 && algorithm.validationShare == 0.5)
    #expect(algorithm.leastSourceShare == 0.25 && algorithm.languageModelOrder == 2 && !algorithm.keepsLexicon)
    #expect(algorithm.faultPolicy == .stop && algorithm.threads == 3 && algorithm.backend == .reference)
  }

  @Test func `every hyperparameter has a line for people`() {
    let names = TextRecognitionAlgorithm.hyperparameters.map(\.name)
    #expect(Set(names).count == 19 && names.count == 19)
    #expect(TextRecognitionAlgorithm.hyperparameters.allSatisfy { !$0.meaning.isEmpty })
  }

  @Test func `all faults are named at once`() throws {
    let message = try refusal([
      "epochs": "0", "batch_size": "many", "learning_rate": "-1", "maximum_width": "100", "size": "huge",
      "backend": "abacus", "on_bad_data": "weep", "lexicon": "perhaps", "colour": "blue", "validation_share": "nan",
    ])
    for part in [
      "epochs must be a whole number from 1 to 100000, not 0", "batch_size must be a whole number",
      "learning_rate must",
      "maximum_width must be a multiple of 16, not 100", "size must be one of small, medium, not huge",
      "backend must be one of automatic, onednn, onednn-float32, openblas, reference, not abacus",
      "on_bad_data must be skip or stop, not weep", "lexicon must be true or false",
      "colour is unknown (there are: epochs, ",
      "validation_share must be a number from 0.0 to 0.5",
    ] {
      #expect(message.contains(part))
    }
  }

  @Test func `epochs and minutes together are refused`() throws {
    #expect(
      try refusal(["epochs": "3", "minutes": "3"]).contains("minutes and epochs both say how long: give one of them"))
  }

  @Test(arguments: [
    ("threads", "65"), ("threads", "0"), ("seed", "-1"), ("language_model_order", "8"), ("minutes", "0"),
  ])
  func `what is out of bounds is refused`(name: String, value: String) throws {
    #expect(try refusal([name: value]).contains("\(name) must be a "))
  }
}
