public import Handwriting
public import ImageKit

/// How a segmentation network is trained; everything that makes two trainings on the same pages differ.
public struct SegmentationPlan: Sendable, Equatable {
  public var length: TrainingPlan.Length
  /// Windows of a step, over all replicas.
  public var batch: Int
  /// Pixels of a window's sides; a multiple of `SegmentationArchitecture.granule`.
  public var window: Int
  /// Windows that are taken of each page in an epoch.
  public var windowsPerPage: Int
  public var learningRate: LearningRate
  public var weightDecay: Double
  public var augmentation: PageAugmentation
  public var seed: UInt64
  /// How many times within the training it is evaluated.
  public var evaluations: Int
  /// Ends the training after so many evaluations without a better hmean; 0: never.
  public var patience: Int

  public init(
    length: TrainingPlan.Length, batch: Int = 8, window: Int = 512, windowsPerPage: Int = 4,
    learningRate: LearningRate = LearningRate(highest: 3e-3), weightDecay: Double = 1e-2,
    augmentation: PageAugmentation = .standard, seed: UInt64 = 1, evaluations: Int = 12, patience: Int = 0
  ) {
    self.length = length
    self.batch = batch
    self.window = window
    self.windowsPerPage = windowsPerPage
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.augmentation = augmentation
    self.seed = seed
    self.evaluations = evaluations
    self.patience = patience
  }
}
