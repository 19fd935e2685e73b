import Handwriting
import HostKit
import ImageKit
import JSONKit
import TensorKit
public import WorkerContract

extension TextRecognitionAlgorithm {
  public func train(
    in layout: TrainingLayout, log: WorkerLog, stop: inout StopSignal
  ) throws(AlgorithmFailure) {
    try AlgorithmFailure.telling { try trainWords(in: layout, log: log, stop: &stop) }
  }

  private func trainWords(in layout: TrainingLayout, log: WorkerLog, stop: inout StopSignal) throws {
    log.line("Backend: \(try backend.make().description), \(threads) threads")
    var data = try RecognitionData(layout, onFault: faultPolicy)
    guard !data.train.samples.isEmpty else {
      for line in data.look(charset: nil) { log.line(line) }
      throw AlgorithmFailure(
        .badData,
        "There is not one word to train on in \(data.manifests.joined(separator: ", ")): the log says what was left out."
      )
    }
    let earlier = try StartModel.load(layout) { try RecognitionModel(folder: $0) }
    let charset = try charset(of: data, and: earlier)
    data.holdOut(share: validationShare, seed: plan.seed)
    for line in data.look(charset: charset) { log.line(line) }
    let configuration = try configuration(charset, goingOnFrom: earlier)
    let network = RecognitionNetwork(configuration.architecture)
    log.line("Network: \(network.parameters.count) weights, \(charset.classCount) classes")
    let trainer = try makeTrainer(network, configuration, earlier, data)
    let run = TrainingRun(
      layout: layout, trainer: trainer, log: log, identity: identity(data, configuration), algorithm: Self.name)
    try run.resume()
    try trainer.run(
      shouldStop: { stop.wait(seconds: 0) },
      report: { event in
        for line in RecognitionReport.lines(event) { log.line(line) }
        if case .evaluated = event { try run.save() }
      })
    log.line("Trained for \(FixedPoint.text(trainer.secondsTrained / 60, digits: 1)) min, \(trainer.stepsDone) steps")
    if stop.isReceived { log.line("Stopping: the best weights so far are kept") }
    try finish(run, configuration, data, log)
    log.line("Training finished")
  }

  /// An earlier model decides what the settings leave open, and what they cannot change.
  private func configuration(
    _ charset: Charset, goingOnFrom earlier: RecognitionModel?
  ) throws(AlgorithmFailure) -> RecognitionConfiguration {
    let asked = (size ?? .small).architecture(classes: charset.classCount)
    let architecture = earlier?.configuration.architecture.with(classes: charset.classCount) ?? asked
    if let size, architecture != asked {
      throw AlgorithmFailure(
        .badRequest,
        "size is \(size.rawValue), but the model to go on from has another network, which cannot be changed: leave size out."
      )
    }
    return RecognitionConfiguration(
      architecture: architecture, charset: charset,
      maximumWidth: maximumWidth ?? earlier?.configuration.maximumWidth ?? Self.defaultMaximumWidth)
  }

  private func charset(of data: RecognitionData, and earlier: RecognitionModel?) throws -> Charset {
    // What an earlier model knows it keeps, even when no word here has it.
    let known = earlier.map { String($0.configuration.charset.characters) }
    return try Charset(texts: data.train.samples.map(\.text) + (known.map { [$0] } ?? []))
  }

  private func makeTrainer(
    _ network: RecognitionNetwork, _ configuration: RecognitionConfiguration, _ earlier: RecognitionModel?,
    _ data: RecognitionData
  ) throws -> RecognitionTrainer {
    let start: (weights: FlatArray, statistics: FlatArray)
    if let earlier {
      start = try earlier.start(network, charset: configuration.charset, seed: plan.seed)
    } else {
      start = (FlatArray(count: network.parameters.count), FlatArray(count: network.statistics.count))
      network.start(start.weights, start.statistics, seed: plan.seed)
    }
    return try RecognitionTrainer(
      plan, network: network, charset: configuration.charset,
      buckets: WidthBuckets(maximum: configuration.maximumWidth), start: start,
      words: .init(
        train: data.balancedTrain(leastShare: leastSourceShare), validation: data.validation.samples,
        test: data.test.samples),
      threads: threads
    ) { () throws(KernelFault) in try backend.make() }
  }

  /// What a checkpoint must agree with to be gone on from.
  private func identity(_ data: RecognitionData, _ configuration: RecognitionConfiguration) -> String {
    "\(plan) \(configuration.json.text) \(validationShare) \(leastSourceShare) \(threads) \(backend) \(data.digest)"
  }

  // MARK: The end

  private func finish(
    _ run: TrainingRun<RecognitionTrainer>, _ configuration: RecognitionConfiguration, _ data: RecognitionData,
    _ log: WorkerLog
  ) throws {
    let (weights, statistics) = run.trainer.best
    var model = RecognitionModel(configuration: configuration, weights: weights, statistics: statistics)
    let texts = data.train.samples.map(\.text) + data.texts
    let charset = configuration.charset
    if languageModelOrder > 0 {
      model.languageModel = try CharacterNGram(
        words: Self.counted(texts), charset: charset, order: languageModelOrder)
    }
    if keepsLexicon { model.lexicon = try Lexicon(words: Self.counted(texts), charset: charset) }
    let scorer = FrameScorer(
      model.network, buckets: WidthBuckets(maximum: configuration.maximumWidth),
      backends: try (0..<threads).map { _ in try backend.make() })
    scorer.load(weights: weights, statistics: statistics)
    if model.languageModel != nil || model.lexicon != nil, !data.validation.samples.isEmpty {
      let decoder = try WordDecoder(charset: charset, languageModel: model.languageModel, lexicon: model.lexicon)
      model.configuration.decoding = DecodingTuner(decoder).tune(
        frames: try scorer.scores(of: data.validation.samples.map(\.ink)),
        references: data.validation.samples.map(\.text))
      log.line("Decoding weights: \(model.configuration.decoding.json.text)")
    }
    let results = try score(model, scorer, data.test.samples)
    for result in results {
      log.line(
        "Final test, \(result.decoding): CER \(FixedPoint.text(result.scores.overall.characterErrorRate)) exact "
          + FixedPoint.text(result.scores.overall.exactMatchRate))
      for line in RecognitionReport.collections(result.scores) { log.line(line) }
    }
    try Files.makeFolder(run.layout.model)
    try RecognitionArtifacts(
      results: results, curve: run.trainer.curve, provenance: try provenance(run, data), seed: plan.seed
    ).write(model, to: run.layout.model)
  }

  private static func counted(_ texts: [String]) -> [(text: String, count: Int)] {
    var counts: [String: Int] = [:]
    for text in texts { counts[text, default: 0] += 1 }
    return counts.sorted { $0.key < $1.key }.map { ($0.key, $0.value) }
  }

  /// The test words read by best path, and with all that the model has.
  private func score(
    _ model: RecognitionModel, _ scorer: FrameScorer, _ words: [WordSample]
  ) throws -> [RecognitionArtifacts.Result] {
    guard !words.isEmpty else { return [] }
    let decoder = try WordDecoder(
      charset: model.configuration.charset, languageModel: model.languageModel, lexicon: model.lexicon,
      weights: model.configuration.decoding)
    let helps = [model.languageModel.map { _ in "language model" }, model.lexicon.map { _ in "lexicon" }]
    let name = helps.compactMap { $0 }.joined(separator: " and ")
    var (plain, full) = (CollectionScores(), CollectionScores())
    let frames = try scorer.scores(of: words.map(\.ink))
    for (word, frame) in zip(words, frames) {
      let reading = model.configuration.charset.decode(BestPath.decode(frame).classes)
      plain.add(reference: word.text, reading: reading, collection: word.collection)
      if name.isEmpty { continue }
      full.add(reference: word.text, reading: decoder.decode(frame).best.text, collection: word.collection)
    }
    return [.init(decoding: "best path", scores: plain)] + (name.isEmpty ? [] : [.init(decoding: name, scores: full)])
  }

  private func provenance(_ run: TrainingRun<RecognitionTrainer>, _ data: RecognitionData) throws -> JSON {
    [
      "algorithm": .string(Self.name), "settings": .string("\(self)"), "seed": .integer(Int64(clamping: plan.seed)),
      "backend": .string(try backend.make().description), "threads": .integer(Int64(threads)),
      "manifests": .array(data.manifests.map { .string($0) }), "manifests_sha256": .string(data.digest),
      "train_words": .integer(Int64(data.train.samples.count)),
      "validation_words": .integer(Int64(data.validation.samples.count)),
      "test_words": .integer(Int64(data.test.samples.count)),
      "code_version": .string(Release.version), "best_iteration": .integer(Int64(run.trainer.bestIteration)),
    ]
  }
}

extension RecognitionTrainer: ResumableTrainer {}
