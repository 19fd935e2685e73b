import Handwriting
import ImageKit
import Segmentation
import TensorKit

/// Trains a network that finds the words of a page: the image of a page in, a polygon for each word out.
public struct WordSegmentationAlgorithm: Algorithm {
  public static let name = SegmentationConfiguration.algorithm

  public static let hyperparameters: [(name: String, meaning: String)] = [
    ("epochs", "40: passes over the training pages; repeatable to the last bit"),
    ("minutes", "none: train for this long instead, however fast the machine is"),
    ("batch_size", "8: windows of a step, over all threads"),
    ("window", "512: pixels of a training window's sides; a multiple of 32"),
    ("windows_per_page", "4: windows that are taken of each page in an epoch"),
    ("learning_rate", "0.003: the highest rate, reached after the warm-up; take a third of it to fine-tune"),
    ("warm_up", "0.05: the share of the training in which the rate rises; it falls along a cosine afterwards"),
    ("weight_decay", "0.01: of AdamW, on weights only"),
    (
      "augmentation",
      "1: how far windows are scaled, turned, tilted, shaded, blurred and bleached while training; 0 not at all, up to 2"
    ),
    (
      "size",
      "small: the network, small (0.53 million weights) or medium (1.2 million, twice the arithmetic); an earlier model "
        + "keeps its own"
    ),
    (
      "longer_side",
      "1600, or the earlier model's: pixels that the longer side of a page is shrunk to, in training and later"
    ),
    (
      "validation_share",
      "0.05: of the training pages, held out to choose the best weights, without a channel validation"
    ),
    ("least_source_share", "0.15: pages of a smaller source are repeated, up to 8 times, until they make this share"),
    ("evaluations", "12: how often the pages held out and the test pages are looked at while training"),
    ("patience", "0: ends the training after so many evaluations without progress; 0 never"),
    ("on_bad_data", "skip: leave out what cannot be read, and count it; stop: fail at the first"),
    ("seed", "1: decides the start, the order of the pages and their augmentation"),
    ("threads", "the job's cores, at most 8: each trains a share of every batch"),
    ("backend", "automatic: or onednn, onednn-float32, openblas, reference (slow)"),
  ]

  /// The networks to choose from.
  enum Size: String, CaseIterable {
    case small, medium

    var architecture: SegmentationArchitecture {
      switch self {
      case .small: SegmentationArchitecture()
      case .medium: SegmentationArchitecture(channels: [64, 96, 160, 192], pyramid: 64)
      }
    }
  }

  var plan = SegmentationPlan(length: .epochs(40))
  /// nil: as the model that the training goes on from, else `small`.
  var size: Size?
  /// nil: as the model that the training goes on from, else the configuration's own.
  var longerSide: Int?
  var validationShare = 0.05
  var leastSourceShare = 0.15
  var faultPolicy = Manifest.FaultPolicy.skip
  var threads = 1
  var backend = BackendChoice.automatic

  public init(_ reader: inout HyperparameterReader) {
    plan.length = reader.length() ?? plan.length
    plan.batch = reader.integer("batch_size", in: 1...256) ?? plan.batch
    plan.window = reader.integer("window", in: 64...2048) ?? plan.window
    if plan.window % SegmentationArchitecture.granule != 0 {
      reader.refuse("window", "must be a multiple of \(SegmentationArchitecture.granule), not \(plan.window)")
    }
    plan.windowsPerPage = reader.integer("windows_per_page", in: 1...64) ?? plan.windowsPerPage
    plan.learningRate = reader.learningRate(plan.learningRate)
    plan.weightDecay = reader.number("weight_decay", in: 0...1) ?? plan.weightDecay
    plan.augmentation = plan.augmentation.scaled(by: reader.number("augmentation", in: 0...2) ?? 1)
    plan.evaluations = reader.integer("evaluations", in: 1...10_000) ?? plan.evaluations
    plan.patience = reader.integer("patience", in: 0...10_000) ?? plan.patience
    plan.seed = UInt64(reader.integer("seed", in: 0...Int.max) ?? Int(plan.seed))
    size = reader.choice("size", of: Size.self)
    longerSide = reader.integer("longer_side", in: SegmentationConfiguration.longerSides)
    validationShare = reader.number("validation_share", in: 0...0.5) ?? validationShare
    leastSourceShare = reader.number("least_source_share", in: 0...0.5) ?? leastSourceShare
    faultPolicy = reader.faultPolicy()
    threads = reader.threads()
    backend = reader.choice("backend", of: BackendChoice.self) ?? backend
  }
}
