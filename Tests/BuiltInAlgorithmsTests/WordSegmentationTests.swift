import Glibc
import Handwriting
import HostKit
import ImageKit
import JSONKit
import Segmentation
import TensorKit
import TestKit
import Testing
import WorkerContract

/// A training of word segmentation as its job sees it: that it learns, what it says, and what it leaves.
@Suite(
  .enabled(if: DrawnPages.canBeTrained, "needs libdnnl2 or libopenblas0-pthread"), .timeLimit(.minutes(3)),
  .serialized)
struct WordSegmentationTests {
  private static let quick = [
    "window": "128", "batch_size": "4", "windows_per_page": "8", "threads": "2", "validation_share": "0",
    "augmentation": "0.2", "least_source_share": "0", "learning_rate": "0.005",
  ]

  private static func job(_ folder: String, _ settings: [String: String]) throws -> AlgorithmJob {
    let job = try AlgorithmJob(
      folder, quick.merging(settings) { _, ours in ours }, algorithm: "word-segmentation")
    try DrawnPages.add(8, to: job.layout.channel("train"), source: "one")
    try DrawnPages.add(2, to: job.layout.channel("train"), seed: 2, manifest: "two.manifest", source: "two")
    try DrawnPages.add(5, to: job.layout.channel("test"), seed: 3, source: "one")
    try DrawnPages.add(1, to: job.layout.channel("test"), seed: 4, manifest: "two.manifest", source: "two")
    return job
  }

  private struct Trained: Sendable {
    let log: String
    let files: [String: [UInt8]]
  }

  /// One training for all tests that look at its outcome.
  private static let trained = Task { () async throws -> Trained in
    try await withScratchFolder { folder in
      let job = try job(folder, ["epochs": "12", "evaluations": "3"])
      let end = try await job.run()
      try #require(end.exit == .code(0), "\(end.errors)")
      return Trained(log: end.log, files: try job.model())
    }
  }

  @Test func `the words of pages that it has not seen are found`() async throws {
    let metrics = try JSON(file: "metrics.json", of: await Self.trained.value.files)
    let overall = try #require(metrics["test"]?["overall"])
    #expect(overall["hmean"]?.number ?? 0 > 0.9, "\(overall.text)")
    #expect(overall["ap50"]?.number ?? 0 > 0.85, "\(overall.text)")
    #expect(metrics["test"]?["sources"]?["two"]?["words"]?.integer ?? 0 > 0)
    let bounds = (overall["hmean_95"]?.array ?? []).compactMap(\.number)
    #expect(bounds.count == 2 && bounds[0] <= bounds[1])
    #expect(metrics["test"]?["sources"]?["two"]?["hmean_95"] == nil, "one page tells no interval")
  }

  @Test func `the log has what the blog's metric definitions look for`() async throws {
    let log = try await Self.trained.value.log
    #expect(log.contains("Evaluation 3 at iter: 240  train_loss: "))
    #expect(log.contains("\nTest precision "))
    #expect(log.contains("\n  one: precision "))
    #expect(log.contains("Data train: 10 pages, "))
    #expect(log.hasSuffix("\nTraining finished\n"))
  }

  @Test func `the model loads and finds words on a page of another size`() async throws {
    try await withScratchFolder { folder in
      try Files.makeFolder(folder)
      for (name, bytes) in try await Self.trained.value.files {
        try Files.write(bytes, to: "\(folder)/\(name)", durable: false)
      }
      let model = try SegmentationModel(folder: folder)
      let localiser = NetworkLocaliser(model, backends: [try BackendChoice.automatic.make()])
      let (image, words) = DrawnPages.page(seed: 77)
      var scores = DetectionScores()
      scores.add(truth: words, found: try localiser.locate(image))
      var wide = GreyImage(width: 190, height: 140, shade: 225)
      for y in 0..<DrawnPages.size { for x in 0..<DrawnPages.size { wide[x, y] = image[x, y] } }
      scores.add(truth: words, found: try localiser.locate(wide))
      #expect(scores.overall.recall > 0.8, "\(scores.overall)")
      #expect(try localiser.locate(GreyImage(width: 1, height: 1)).isEmpty)
      #expect(try localiser.locate(GreyImage(width: 300, height: 200)).isEmpty)
    }
  }

  @Test func `a training killed twice ends with the same bytes as one that was left alone`() async throws {
    try await withScratchFolder { folder in
      let settings = ["epochs": "6", "evaluations": "6", "validation_share": "0.2", "seed": "5"]
      let undisturbed = try Self.job("\(folder)/a", settings)
      #expect(try await undisturbed.run().exit == .code(0))
      let disturbed = try Self.job("\(folder)/b", settings)
      for evaluation in [2, 4] {
        let worker = try disturbed.start()
        // That it tells of this one means that the one before is saved.
        try await worker.waitUntil("evaluation \(evaluation)") { output, _ in
          String(decoding: output, as: UTF8.self).contains("Evaluation \(evaluation) at iter: ")
        }
        worker.send(SIGKILL)
        #expect(try await worker.end() == .signal(SIGKILL))
      }
      let end = try await disturbed.run()
      #expect(end.exit == .code(0) && end.log.contains("\nResumed after step "), "\(end.errors)")
      let (expected, found) = (try undisturbed.model(), try disturbed.model())
      #expect(
        found.keys.sorted() == [
          "README.md", "config.json", "metrics.json", "model.safetensors", "provenance.json",
        ])
      for (name, bytes) in expected { #expect(found[name] == bytes, "\(name) differs") }
    }
  }

  @Test func `a training goes on from an earlier model`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder, ["epochs": "1", "evaluations": "1", "learning_rate": "0.0005"])
      try Files.makeFolder(job.layout.channel("model"))
      for (name, bytes) in try await Self.trained.value.files {
        try Files.write(bytes, to: "\(job.layout.channel("model"))/\(name)", durable: false)
      }
      #expect(try await job.run().exit == .code(0))
      let metrics = try JSON(file: "metrics.json", of: try job.model())
      #expect(metrics["test"]?["overall"]?["hmean"]?.number ?? 0 > 0.85)
    }
  }

  @Test(arguments: [
    (["window": "100"], "window must be a multiple of 32, not 100"),
    (["epochs": "2", "minutes": "1"], "minutes and epochs both say how long: give one of them"),
    (["size": "large"], "size must be one of small, medium, not large"),
    (["longer_side": "10"], "longer_side must be a whole number from 256 to 4096"),
    (["words": "3"], "words is unknown"),
  ])
  func `settings that cannot be are refused by name`(settings: [String: String], reason: String) async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder, settings)
      #expect(try await job.run().exit == .code(2))
      #expect(try job.failure().contains(reason))
    }
  }

  @Test func `pages without a word to learn end the training with what to do`() async throws {
    try await withScratchFolder { folder in
      let job = try AlgorithmJob(folder, Self.quick, algorithm: "word-segmentation")
      try Files.makeFolder(job.layout.channel("train"))
      try Files.write(
        #"{"source-ref":"missing.png","annotations":{"texts":[]}}"# + "\n",
        to: "\(job.layout.channel("train"))/a.manifest", durable: false)
      let end = try await job.run()
      #expect(end.exit == .code(3))
      #expect(try job.failure().contains("There is not one word to train on in train/a.manifest"))
      #expect(end.log.contains("left out: 1 images that cannot be read"))
    }
  }
}
