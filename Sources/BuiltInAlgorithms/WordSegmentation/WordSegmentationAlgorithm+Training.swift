import Handwriting
import HostKit
import JSONKit
import Segmentation
import TensorKit
public import WorkerContract

extension WordSegmentationAlgorithm {
  public func train(
    in layout: TrainingLayout, log: WorkerLog, stop: inout StopSignal
  ) throws(AlgorithmFailure) {
    try AlgorithmFailure.telling { try trainPages(in: layout, log: log, stop: &stop) }
  }

  private func trainPages(in layout: TrainingLayout, log: WorkerLog, stop: inout StopSignal) throws {
    log.line("Backend: \(try backend.make().description), \(threads) threads")
    let earlier = try StartModel.load(layout) { try SegmentationModel(folder: $0) }
    let configuration = try configuration(goingOnFrom: earlier)
    var data = try SegmentationData(layout, longerSide: configuration.longerSide, onFault: faultPolicy)
    guard data.train.wordCount > 0 else {
      for line in data.look() { log.line(line) }
      throw AlgorithmFailure(
        .badData,
        "There is not one word to train on in \(data.manifests.joined(separator: ", ")): the log says what was left out."
      )
    }
    data.holdOut(share: validationShare, seed: plan.seed)
    for line in data.look() { log.line(line) }
    let network = SegmentationNetwork(configuration.architecture)
    log.line("Network: \(network.parameters.count) weights")
    let trainer = try makeTrainer(network, earlier, data)
    let run = TrainingRun(
      layout: layout, trainer: trainer, log: log, identity: identity(data, configuration), algorithm: Self.name)
    try run.resume()
    try trainer.run(
      shouldStop: { stop.wait(seconds: 0) },
      report: { event in
        for line in SegmentationReport.lines(event) { log.line(line) }
        if case .evaluated = event { try run.save() }
      })
    log.line("Trained for \(FixedPoint.text(trainer.secondsTrained / 60, digits: 1)) min, \(trainer.stepsDone) steps")
    if stop.isReceived { log.line("Stopping: the best weights so far are kept") }
    try finish(run, configuration, data)
    log.line("Training finished")
  }

  /// An earlier model decides what the settings leave open, and what they cannot change.
  private func configuration(
    goingOnFrom earlier: SegmentationModel?
  ) throws(AlgorithmFailure) -> SegmentationConfiguration {
    let asked = (size ?? .small).architecture
    let architecture = earlier?.configuration.architecture ?? asked
    if let size, architecture != asked {
      throw AlgorithmFailure(
        .badRequest,
        "size is \(size.rawValue), but the model to go on from has another network, which cannot be changed: leave size out."
      )
    }
    let standard = earlier?.configuration.longerSide ?? SegmentationConfiguration().longerSide
    return SegmentationConfiguration(architecture: architecture, longerSide: longerSide ?? standard)
  }

  private func makeTrainer(
    _ network: SegmentationNetwork, _ earlier: SegmentationModel?, _ data: SegmentationData
  ) throws(KernelFault) -> SegmentationTrainer {
    let start: (weights: FlatArray, statistics: FlatArray)
    if let earlier {
      start = (earlier.weights, earlier.statistics)
    } else {
      start = (FlatArray(count: network.parameters.count), FlatArray(count: network.statistics.count))
      network.start(start.weights, start.statistics, seed: plan.seed)
    }
    return try SegmentationTrainer(
      plan, network: network, start: start,
      pages: .init(
        train: data.balancedTrain(leastShare: leastSourceShare), validation: data.validation.pages,
        test: data.test.pages),
      threads: threads
    ) { () throws(KernelFault) in try backend.make() }
  }

  /// What a checkpoint must agree with to be gone on from.
  private func identity(_ data: SegmentationData, _ configuration: SegmentationConfiguration) -> String {
    "\(plan) \(configuration.json.text) \(validationShare) \(leastSourceShare) \(threads) \(backend) \(data.digest)"
  }

  private func finish(
    _ run: TrainingRun<SegmentationTrainer>, _ configuration: SegmentationConfiguration, _ data: SegmentationData
  ) throws {
    let trainer = run.trainer
    let scores = try trainer.scoreBest(data.test.pages)
    if let scores {
      let average = SegmentationReport.average(scores)
      run.log.line("Final test: \(SegmentationReport.rates(scores.overall)) AP50 \(average.at50) AP \(average.mean)")
      for line in SegmentationReport.collections(scores) { run.log.line(line) }
    }
    try Files.makeFolder(run.layout.model)
    let model = SegmentationModel(
      configuration: configuration, weights: trainer.best.weights, statistics: trainer.best.statistics)
    try SegmentationArtifacts(
      scores: scores, curve: trainer.curve, provenance: try provenance(run, data), seed: plan.seed
    ).write(model, to: run.layout.model)
  }

  private func provenance(_ run: TrainingRun<SegmentationTrainer>, _ data: SegmentationData) throws -> JSON {
    [
      "algorithm": .string(Self.name), "settings": .string("\(self)"), "seed": .integer(Int64(clamping: plan.seed)),
      "backend": .string(try backend.make().description), "threads": .integer(Int64(threads)),
      "manifests": .array(data.manifests.map { .string($0) }), "manifests_sha256": .string(data.digest),
      "train_pages": .integer(Int64(data.train.pages.count)),
      "validation_pages": .integer(Int64(data.validation.pages.count)),
      "test_pages": .integer(Int64(data.test.pages.count)),
      "code_version": .string(Release.version), "best_evaluation": .integer(Int64(run.trainer.bestIteration)),
    ]
  }
}

extension SegmentationTrainer: ResumableTrainer {}
