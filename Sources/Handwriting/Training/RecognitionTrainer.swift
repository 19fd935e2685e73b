import HostKit
public import TensorKit

/// Trains a recogniser: steps, evaluations, the best weights, and a state that can be saved and gone on from.
public final class RecognitionTrainer {
  /// What a training learns from and is scored on.
  public struct Words {
    public var train: [WordSample]
    /// Held out to choose the best weights by; without any, the test words choose.
    public var validation: [WordSample]
    public var test: [WordSample]

    public init(train: [WordSample], validation: [WordSample] = [], test: [WordSample] = []) {
      self.train = train
      self.validation = validation
      self.test = test
    }
  }

  let plan: TrainingPlan
  let network: RecognitionNetwork
  let optimizer: AdamW
  let statistics: FlatArray
  let team: ReplicaTeam
  private let scorer: FrameScorer
  private let train: TrainingWords
  private let sampler: BatchSampler
  private let validation: Evaluator
  private let test: Evaluator
  /// Weights (averaged) and statistics of the best evaluation.
  let bestWeights: FlatArray
  let bestStatistics: FlatArray
  var state = TrainingState<CurvePoint>()

  /// - Parameters:
  ///   - start: weights and statistics to begin with.
  ///   - backends: makes the backend of one thread; asked twice for each of `threads`.
  public init(
    _ plan: TrainingPlan, network: RecognitionNetwork, charset: Charset, buckets: WidthBuckets,
    start: (weights: FlatArray, statistics: FlatArray), words: Words, threads: Int,
    backends: () throws(KernelFault) -> any KernelBackend
  ) throws(KernelFault) {
    self.plan = plan
    self.network = network
    statistics = start.statistics
    let height = network.architecture.height
    train = TrainingWords(words.train, charset: charset, buckets: buckets, height: height)
    validation = Evaluator(
      words: TrainingWords(words.validation, charset: charset, buckets: buckets, height: height), charset: charset)
    test = Evaluator(words: TrainingWords(all: words.test, charset: charset), charset: charset)
    let batch = (max(1, plan.batch) + threads - 1) / threads * threads
    sampler = BatchSampler(widths: train.widths, batch: batch, seed: plan.seed)
    optimizer = AdamW(
      network.parameters, weights: start.weights, settings: .init(weightDecay: Float(plan.weightDecay)))
    var own: [any KernelBackend] = []
    var reading: [any KernelBackend] = []
    for _ in 0..<threads {
      own.append(try backends())
      reading.append(try backends())
    }
    team = ReplicaTeam(
      network, optimizer, statistics: start.statistics, backends: own, batch: batch, width: buckets.maximum)
    scorer = FrameScorer(network, buckets: buckets, backends: reading)
    bestWeights = FlatArray(count: network.parameters.count)
    bestStatistics = FlatArray(count: network.statistics.count)
    bestWeights.copy(from: start.weights)
    bestStatistics.copy(from: start.statistics)
  }

  /// How many words there are to learn from.
  public var wordCount: Int { train.samples.count }

  /// Steps taken, over all attempts.
  public var stepsDone: Int { state.step }

  /// Seconds of training, over all attempts.
  public var secondsTrained: Double { state.seconds }

  /// Every evaluation so far, over all attempts.
  public var curve: [CurvePoint] { state.curve }

  /// The number of the evaluation that showed the best weights; 0 before the first.
  public var bestIteration: Int { state.bestEvaluation }

  /// The best weights, averaged over the last steps before that evaluation, and the statistics that belong to them.
  public var best: (weights: FlatArray, statistics: FlatArray) { (bestWeights, bestStatistics) }

  private var schedule: TrainingSchedule { TrainingSchedule(plan.length, stepsPerEpoch: sampler.batchesPerEpoch) }

  /// Trains to the end of the plan, to the end of patience, or until `shouldStop`; the state is then that of the last
  /// step, and can be saved.
  ///
  /// - Parameters:
  ///   - shouldStop: asked after each step.
  ///   - report: told of progress every few seconds, and of each evaluation, after which is the time to save.
  /// - Throws: `KernelFault`, `TrainingFault`, or what `report` throws.
  public func run(shouldStop: () -> Bool, report: (TrainingEvent) throws -> Void) throws {
    precondition(!train.samples.isEmpty)
    let clock = TrainingClock(secondsBefore: state.seconds)
    let schedule = schedule
    var batches = sampler.batches(epoch: state.step / sampler.batchesPerEpoch)
    var interval = ProgressInterval(clock.seconds)
    while schedule.share(step: state.step, seconds: clock.seconds) < 1, !state.isOutOfPatience(plan.patience) {
      let place = state.step % sampler.batchesPerEpoch
      if place == 0 { batches = sampler.batches(epoch: state.step / sampler.batchesPerEpoch) }
      let rate = plan.learningRate.rate(at: schedule.share(step: state.step, seconds: clock.seconds))
      let done = try team.step(
        batches[place], of: train, augmentation: plan.augmentation, learningRate: Float(rate),
        seed: SeededRandom(seed: plan.seed, stream: UInt64(state.step) &+ 0xA09).state)
      try state.noteStep(loss: done.loss, gradientLength: done.gradientLength)
      interval.note(done, words: sampler.batch)
      state.seconds = clock.seconds
      let now = schedule.share(step: state.step, seconds: state.seconds)
      if clock.seconds - interval.start >= 10 {
        try report(
          .progress(
            interval.progress(
              state, share: now, rate: rate, batchesPerEpoch: sampler.batchesPerEpoch, now: clock.seconds)))
        interval = ProgressInterval(clock.seconds)
      }
      let isDue = Int(now * Double(plan.evaluations)) > state.evaluations || now >= 1
      let isStopping = shouldStop()
      if isDue || isStopping {
        try report(.evaluated(try evaluate()))
        state.seconds = clock.seconds
      }
      if isStopping { return }
    }
  }

  /// Scores the averaged weights and keeps them when they are the best.
  private func evaluate() throws(KernelFault) -> TrainingEvaluation {
    team.averageStatistics(into: statistics)
    scorer.load(weights: optimizer.average, statistics: statistics)
    let validation = try validation.evaluate(scorer)
    let test = try test.evaluate(scorer)
    let deciding = (validation ?? test)?.scores.overall
    let isBest = state.noteEvaluation(errorRate: deciding?.characterErrorRate)
    if isBest {
      bestWeights.copy(from: optimizer.average)
      bestStatistics.copy(from: statistics)
    }
    let evaluation = TrainingEvaluation(
      number: state.evaluations, epochs: Double(state.step) / Double(sampler.batchesPerEpoch),
      trainLoss: state.takeTrainLoss(), validation: validation, test: test, isBest: isBest)
    state.curve.append(CurvePoint(evaluation))
    return evaluation
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
    guard let state: TrainingState<CurvePoint> = try checkpoint.resume(from: file, identity: identity) else {
      return false
    }
    self.state = state
    return true
  }
}

/// A training that cannot go on.
public struct TrainingFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}

/// What has happened since the last report.
private struct ProgressInterval {
  let start: Double
  private var loss = 0.0
  private var steps = 0
  private var words = 0
  private var gradientLength = 0.0

  init(_ start: Double) { self.start = start }

  mutating func note(_ done: ReplicaTeam.StepReport, words: Int) {
    loss += done.loss
    steps += 1
    self.words += words
    gradientLength = max(gradientLength, done.gradientLength)
  }

  func progress(
    _ state: TrainingState<CurvePoint>, share: Double, rate: Double, batchesPerEpoch: Int, now: Double
  ) -> TrainingProgress {
    TrainingProgress(
      step: state.step, epochs: Double(state.step) / Double(batchesPerEpoch), share: share,
      loss: loss / Double(max(1, steps)), wordsPerSecond: Double(words) / max(1e-9, now - start),
      secondsLeft: share > 0 ? state.seconds / share * (1 - share) : 0, learningRate: rate,
      gradientLength: gradientLength)
  }
}
