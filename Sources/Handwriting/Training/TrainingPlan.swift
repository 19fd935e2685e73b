public import ImageKit

/// How a recogniser is trained; everything that makes two trainings on the same words differ.
public struct TrainingPlan: Sendable, Equatable {
  /// How long a training lasts.
  public enum Length: Sendable, Equatable {
    /// Passes over all words: repeatable to the last bit.
    case epochs(Int)
    /// Wall-clock time, however fast the machine is: the schedule follows the clock, so no two runs are alike.
    case minutes(Double)
  }

  public var length: Length
  /// Words of a step, over all replicas.
  public var batch: Int
  public var learningRate: LearningRate
  public var weightDecay: Double
  public var augmentation: AugmentationSettings
  public var seed: UInt64
  /// How many times within the training it is evaluated.
  public var evaluations: Int
  /// Ends the training after so many evaluations without a better character error rate; 0: never.
  public var patience: Int

  public init(
    length: Length, batch: Int = 32, learningRate: LearningRate = LearningRate(highest: 1.5e-3),
    weightDecay: Double = 1e-2, augmentation: AugmentationSettings = .standard, seed: UInt64 = 1,
    evaluations: Int = 20, patience: Int = 0
  ) {
    self.length = length
    self.batch = batch
    self.learningRate = learningRate
    self.weightDecay = weightDecay
    self.augmentation = augmentation
    self.seed = seed
    self.evaluations = evaluations
    self.patience = patience
  }
}
