import Glibc
import Handwriting
import HostKit
import JSONKit
import TestKit
import Testing
import WorkerContract

/// Trainings that are broken off: killed at any moment, or asked to stop.
@Suite(
  .enabled(if: HandwrittenWords.canBeTrained, HandwrittenWords.skipped), .timeLimit(.minutes(3)), .serialized)
struct ResumingTests {
  /// Augmentation, held-out words, a language model and a lexicon: everything that could differ.
  private static func job(_ folder: String) throws -> AlgorithmJob {
    let job = try AlgorithmJob(
      folder,
      [
        "epochs": "16", "batch_size": "8", "maximum_width": "64", "threads": "2", "evaluations": "16",
        "validation_share": "0.2", "least_source_share": "0.4", "language_model_order": "3", "seed": "5",
      ])
    let words = try HandwrittenWords.draw(HandwrittenWords.texts(16, of: "aeinorst", seed: 4))
    try job.channel("train").add(Array(words[..<12]), manifest: "one.manifest", source: "one")
    try job.channel("train").add(Array(words[12...]), manifest: "two.manifest", source: "two")
    try job.channel("test").add(Array(words[8...]))
    return job
  }

  /// The model of a training that nothing disturbed.
  private static let undisturbed = Task { try await trained() }

  private static func trained() async throws -> [String: [UInt8]] {
    try await withScratchFolder { folder in
      let job = try job(folder)
      #expect(try await job.run().exit == .code(0))
      return try job.model()
    }
  }

  /// Kills the worker at a moment that nobody has chosen, once there is a checkpoint.
  private static func killAtRandom(_ job: AlgorithmJob, _ random: inout SeededRandom) async throws {
    let checkpoint = "\(job.layout.checkpoints)/text-recognition.safetensors"
    let worker = try job.start()
    let evaluations = 1 + Int(random.uniform() * 2)
    let rest = UInt32(random.uniform() * 60_000)
    print("killing the worker \(rest) microseconds after \(evaluations) more evaluations")
    // On a thread of its own: the training does not wait while tests beside this one keep all others.
    try await offPool {
      let deadline = ContinuousClock.now + .seconds(60)
      while worker.outputText.split(separator: "\n").count(where: { $0.hasPrefix("Iteration ") }) < evaluations
        || !Files.exists(checkpoint)
      {
        guard ContinuousClock.now < deadline else { throw Overdue(what: "\(evaluations) evaluations and a checkpoint") }
        usleep(1000)
      }
      // Not to wait for something: the moment itself is what is tried.
      usleep(rest)
      worker.send(SIGKILL)
    }
    #expect(try await worker.end() == .signal(SIGKILL))
  }

  @Test func `a training killed again and again ends with the same bytes as one that was left alone`() async throws {
    try await withScratchFolder { folder in
      let disturbed = try Self.job(folder)
      var random = SeededRandom(seed: 20_261_123)
      for _ in 1...3 { try await Self.killAtRandom(disturbed, &random) }
      let end = try await disturbed.run()
      #expect(end.exit == .code(0) && end.log.contains("\nResumed after step "), "\(end.errors)")
      let (expected, model) = (try await Self.undisturbed.value, try disturbed.model())
      #expect(
        model.keys.sorted() == [
          "README.md", "config.json", "language-model.bin", "lexicon.txt", "metrics.json", "model.safetensors",
          "provenance.json",
        ])
      for (name, bytes) in expected { #expect(model[name] == bytes, "\(name) differs") }
    }
  }

  @Test func `two trainings on the same words with two threads give the same bytes`() async throws {
    let (first, second) = (try await Self.undisturbed.value, try await Self.trained())
    #expect(first == second)
  }

  @Test func `a checkpoint of another training is passed over`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder)
      var random = SeededRandom(seed: 3)
      try await Self.killAtRandom(job, &random)
      let other = AlgorithmJob.plain.merging(["epochs": "1"]) { _, ours in ours }
      try Files.write(JSON.strings(other).bytes, to: job.layout.hyperparameters, durable: false)
      let end = try await job.run()
      #expect(end.exit == .code(0), "\(end.errors)")
      #expect(end.log.contains("Note: the checkpoint is of a training with other data or settings; beginning afresh"))
      #expect(!end.log.contains("Resumed"))
    }
  }

  @Test func `a damaged checkpoint ends the training with a reason`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder)
      try Files.write("ink", to: "\(job.layout.checkpoints)/text-recognition.safetensors", durable: false)
      let end = try await job.run()
      #expect(end.exit == .code(3))
      #expect(try job.failure().contains("text-recognition.safetensors: it is shorter than the eight bytes"))
    }
  }

  @Test func `asked to stop it ends soon with 0 and leaves a model that loads`() async throws {
    try await withScratchFolder { folder in
      let settings = ["epochs": "100000", "evaluations": "10000", "batch_size": "4"]
      let job = try AlgorithmJob(folder, AlgorithmJob.plain.merging(settings) { _, ours in ours })
      try job.channel("train").add(try HandwrittenWords.draw(["ink", "pen"]))
      let worker = try job.start()
      try await worker.waitUntil("the first evaluation") { output, _ in
        String(decoding: output, as: UTF8.self).contains("Iteration 1\n")
      }
      worker.send(SIGTERM)
      #expect(try await worker.end(within: .seconds(10)) == .code(0), "\(worker.errorText)")
      #expect(worker.outputText.contains("\nStopping: the best weights so far are kept\n"))
      #expect(worker.outputText.hasSuffix("\nTraining finished\n"))
      #expect(try RecognitionModel(folder: job.layout.model).configuration.charset.characters.count == 5)
      #expect(!Files.exists(job.layout.failure))
    }
  }
}
