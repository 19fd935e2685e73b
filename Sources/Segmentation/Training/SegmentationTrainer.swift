public import Handwriting
import HostKit
public import TensorKit

/// Trains a segmentation network: steps, evaluations, the best weights, and a state that can be saved and gone on from.
public final class SegmentationTrainer {
  /// What a training learns from and is scored on.
  public struct Pages {
    public var train: [TrainingPage]
    /// Held out to choose the best weights by; without any, the test pages choose.
    public var validation: [TrainingPage]
    public var test: [TrainingPage]

    public init(train: [TrainingPage], validation: [TrainingPage] = [], test: [TrainingPage] = []) {
      self.train = train
      self.validation = validation
      self.test = test
    }
  }

  let plan: SegmentationPlan
  let optimizer: AdamW
  let team: SegmentationTeam
  private let statistics: FlatArray
  private let train: [TrainingPage]
  private let sampler: PageSampler
  private let evaluator: SegmentationEvaluator
  private let pages: Pages
  /// Weights (averaged) and statistics of the best evaluation.
  let bestWeights: FlatArray
  let bestStatistics: FlatArray
  var state = TrainingState<SegmentationCurvePoint>()

  /// - Parameters:
  ///   - start: weights and statistics to begin with.
  ///   - backends: makes the backend of one thread; asked twice for each of `threads`.
  public init(
    _ plan: SegmentationPlan, network: SegmentationNetwork, start: (weights: FlatArray, statistics: FlatArray),
    pages: Pages, threads: Int, backends: () throws(KernelFault) -> any KernelBackend
  ) throws(KernelFault) {
    precondition(plan.window % SegmentationArchitecture.granule == 0)
    self.plan = plan
    self.pages = pages
    train = pages.train
    statistics = start.statistics
    let batch = (max(1, plan.batch) + threads - 1) / threads * threads
    sampler = PageSampler(
      pages: pages.train.count, windowsPerPage: max(1, plan.windowsPerPage), batch: batch, seed: plan.seed)
    optimizer = AdamW(
      network.parameters, weights: start.weights, settings: .init(weightDecay: Float(plan.weightDecay)))
    var own: [any KernelBackend] = []
    var looking: [any KernelBackend] = []
    for _ in 0..<threads {
      own.append(try backends())
      looking.append(try backends())
    }
    team = SegmentationTeam(
      network, optimizer, statistics: start.statistics, backends: own, batch: batch, window: plan.window)
    evaluator = SegmentationEvaluator(network, backends: looking)
    bestWeights = FlatArray(count: network.parameters.count)
    bestStatistics = FlatArray(count: network.statistics.count)
    bestWeights.copy(from: start.weights)
    bestStatistics.copy(from: start.statistics)
  }

  /// Steps taken, over all attempts.
  public var stepsDone: Int { state.step }

  /// Seconds of training, over all attempts.
  public var secondsTrained: Double { state.seconds }

  /// Every evaluation so far, over all attempts.
  public var curve: [SegmentationCurvePoint] { state.curve }

  /// The number of the evaluation that showed the best weights; 0 before the first.
  public var bestIteration: Int { state.bestEvaluation }

  /// The best weights, averaged over the last steps before that evaluation, and the statistics that belong to them.
  public var best: (weights: FlatArray, statistics: FlatArray) { (bestWeights, bestStatistics) }

  /// Trains to the end of the plan, to the end of patience, or until `shouldStop`; the state is then that of the last
  /// step, and can be saved.
  ///
  /// - Parameters:
  ///   - shouldStop: asked after each step.
  ///   - report: told of progress every few seconds, and of each evaluation, after which is the time to save.
  /// - Throws: `KernelFault`, `TrainingFault`, or what `report` throws.
  public func run(shouldStop: () -> Bool, report: (SegmentationEvent) throws -> Void) throws {
    precondition(!train.isEmpty)
    let schedule = TrainingSchedule(plan.length, stepsPerEpoch: sampler.batchesPerEpoch)
    let clock = TrainingClock(secondsBefore: state.seconds)
    var batches = sampler.batches(epoch: state.step / sampler.batchesPerEpoch)
    var interval = Interval(start: clock.seconds)
    while schedule.share(step: state.step, seconds: clock.seconds) < 1, !state.isOutOfPatience(plan.patience) {
      let place = state.step % sampler.batchesPerEpoch
      if place == 0 { batches = sampler.batches(epoch: state.step / sampler.batchesPerEpoch) }
      let rate = plan.learningRate.rate(at: schedule.share(step: state.step, seconds: clock.seconds))
      let done = try team.step(
        batches[place], of: train, augmentation: plan.augmentation, learningRate: Float(rate),
        seed: SeededRandom(seed: plan.seed, stream: UInt64(state.step) &+ 0xA09).state)
      try state.noteStep(loss: done.loss.total, gradientLength: done.gradientLength)
      interval.note(done)
      state.seconds = clock.seconds
      let now = schedule.share(step: state.step, seconds: state.seconds)
      if clock.seconds - interval.start >= 10 {
        try report(.progress(interval.progress(state, sampler, share: now, rate: rate, now: clock.seconds)))
        interval = Interval(start: clock.seconds)
      }
      let isDue = Int(now * Double(plan.evaluations)) > state.evaluations || now >= 1
      let isStopping = shouldStop()
      if isDue || isStopping {
        try report(.evaluated(try evaluate()))
        state.seconds = clock.seconds
        interval = Interval(start: clock.seconds)
      }
      if isStopping { return }
    }
  }

  /// Scores the averaged weights and keeps them when they are the best.
  private func evaluate() throws(KernelFault) -> SegmentationEvaluation {
    team.averageStatistics(into: statistics)
    evaluator.load(weights: optimizer.average, statistics: statistics)
    let validation = try evaluator.evaluate(pages.validation)
    let test = try evaluator.evaluate(pages.test)
    let isBest = state.noteEvaluation(errorRate: (validation ?? test).map { 1 - $0.overall.hmean })
    if isBest {
      bestWeights.copy(from: optimizer.average)
      bestStatistics.copy(from: statistics)
    }
    let evaluation = SegmentationEvaluation(
      number: state.evaluations, step: state.step, epochs: Double(state.step) / Double(sampler.batchesPerEpoch),
      trainLoss: state.takeTrainLoss(), validation: validation, test: test, isBest: isBest)
    state.curve.append(SegmentationCurvePoint(evaluation))
    return evaluation
  }

  /// What the best weights find on pages; nil when there are none.
  public func scoreBest(_ pages: [TrainingPage]) throws(KernelFault) -> DetectionScores? {
    evaluator.load(weights: bestWeights, statistics: bestStatistics)
    return try evaluator.evaluate(pages)
  }

  // MARK: Checkpoints

  private var checkpoint: TrainingCheckpoint {
    TrainingCheckpoint(optimizer, best: best, statistics: team.replicaStatistics)
  }

  /// The state after the last step, for `resume`.
  ///
  /// - Parameter identity: what must be the same for going on to make sense: settings and data, in any form.
  public func checkpoint(identity: String) throws(ModelFileError) -> SafetensorsFile {
    try checkpoint.file(state, identity: identity)
  }

  /// Goes on from a checkpoint.
  ///
  /// - Returns: false, and nothing has changed, when it is of another training.
  /// - Throws: when it is damaged.
  public func resume(from file: SafetensorsFile, identity: String) throws(ModelFileError) -> Bool {
    guard let state: TrainingState<SegmentationCurvePoint> = try checkpoint.resume(from: file, identity: identity)
    else {
      return false
    }
    self.state = state
    return true
  }
}

/// What has happened since the last report.
private struct Interval {
  let start: Double
  private var loss = SegmentationLoss()
  private var steps = 0
  private var gradientLength = 0.0

  init(start: Double) { self.start = start }

  mutating func note(_ done: SegmentationTeam.StepReport) {
    loss += done.loss
    steps += 1
    gradientLength = max(gradientLength, done.gradientLength)
  }

  func progress(
    _ state: TrainingState<SegmentationCurvePoint>, _ sampler: PageSampler, share: Double, rate: Double, now: Double
  ) -> SegmentationProgress {
    SegmentationProgress(
      step: state.step, epochs: Double(state.step) / Double(sampler.batchesPerEpoch), share: share,
      loss: loss / Double(max(1, steps)), windowsPerSecond: Double(steps * sampler.batch) / max(1e-9, now - start),
      secondsLeft: share > 0 ? state.seconds / share * (1 - share) : 0, learningRate: rate,
      gradientLength: gradientLength)
  }
}
