import Handwriting
import ImageKit
import TensorKit

/// Trains a recogniser of handwritten words: the image of one word, or of a short line, in; its text out.
public struct TextRecognitionAlgorithm: Algorithm {
  public static let name = RecognitionConfiguration.algorithm

  public static let hyperparameters: [(name: String, meaning: String)] = [
    ("epochs", "30: passes over the training words; repeatable to the last bit"),
    ("minutes", "none: train for this long instead, however fast the machine is"),
    ("batch_size", "32: words of a step, over all threads; more updates beat bigger batches on a CPU"),
    ("learning_rate", "0.0015: the highest rate, reached after the warm-up; take a third of it to fine-tune"),
    ("warm_up", "0.05: the share of the training in which the rate rises; it falls along a cosine afterwards"),
    ("weight_decay", "0.01: of AdamW, on weights only"),
    ("augmentation", "1: how far words are bent, slanted, blurred and bleached while training; 0 not at all, up to 2"),
    (
      "size",
      "small: the network, small (1.6 million weights) or medium (3.6 million, twice the arithmetic); an earlier model "
        + "keeps its own"
    ),
    (
      "maximum_width",
      "384, or the earlier model's: columns of the widest word; wider ones are squeezed; a multiple of 16"
    ),
    (
      "validation_share",
      "0.03: of the training words, held out to choose the best weights, without a channel validation"
    ),
    ("least_source_share", "0.04: words of a smaller source are repeated, up to 8 times, until they make this share"),
    ("evaluations", "20: how often the words held out and the test words are read while training"),
    ("patience", "0: ends the training after so many evaluations without progress; 0 never"),
    ("language_model_order", "6: longest run of characters that the language model looks at; 0 for none"),
    ("lexicon", "true: whether to keep the training words, and those of the channel texts, as a lexicon"),
    ("on_bad_data", "skip: leave out what cannot be read, and count it; stop: fail at the first"),
    ("seed", "1: decides the start, the order of the words and their augmentation"),
    ("threads", "the job's cores, at most 8: each trains a share of every batch"),
    ("backend", "automatic: or onednn, onednn-float32, openblas, reference (slow)"),
  ]

  /// The networks to choose from.
  enum Size: String, CaseIterable {
    case small, medium

    func architecture(classes: Int) -> RecognitionArchitecture {
      switch self {
      case .small: RecognitionArchitecture(classes: classes)
      case .medium:
        RecognitionArchitecture(channels: [32, 48, 96, 96, 160, 160, 256], hidden: 256, classes: classes)
      }
    }
  }

  var plan = TrainingPlan(length: .epochs(30))
  /// nil: as the model that the training goes on from, else `small`.
  var size: Size?
  /// nil: as the model that the training goes on from, else `defaultMaximumWidth`.
  var maximumWidth: Int?
  static let defaultMaximumWidth = 384
  var validationShare = 0.03
  var leastSourceShare = 0.04
  var languageModelOrder = 6
  var keepsLexicon = true
  var faultPolicy = Manifest.FaultPolicy.skip
  var threads = 1
  var backend = BackendChoice.automatic

  public init(_ reader: inout HyperparameterReader) {
    readPlan(&reader)
    maximumWidth = reader.integer("maximum_width", in: RecognitionConfiguration.widths)
    if let maximumWidth, maximumWidth % 16 != 0 {
      reader.refuse("maximum_width", "must be a multiple of 16, not \(maximumWidth)")
    }
    validationShare = reader.number("validation_share", in: 0...0.5) ?? validationShare
    leastSourceShare = reader.number("least_source_share", in: 0...0.5) ?? leastSourceShare
    languageModelOrder = reader.integer("language_model_order", in: 0...7) ?? languageModelOrder
    keepsLexicon = reader.flag("lexicon") ?? keepsLexicon
    threads = reader.threads()
    size = reader.choice("size", of: Size.self)
    backend = reader.choice("backend", of: BackendChoice.self) ?? backend
    faultPolicy = reader.faultPolicy()
  }

  private mutating func readPlan(_ reader: inout HyperparameterReader) {
    plan.length = reader.length() ?? plan.length
    plan.batch = reader.integer("batch_size", in: 1...1024) ?? plan.batch
    plan.learningRate = reader.learningRate(plan.learningRate)
    plan.weightDecay = reader.number("weight_decay", in: 0...1) ?? plan.weightDecay
    plan.augmentation = plan.augmentation.scaled(by: reader.number("augmentation", in: 0...2) ?? 1)
    plan.evaluations = reader.integer("evaluations", in: 1...10_000) ?? plan.evaluations
    plan.patience = reader.integer("patience", in: 0...10_000) ?? plan.patience
    plan.seed = UInt64(reader.integer("seed", in: 0...Int.max) ?? Int(plan.seed))
  }
}
