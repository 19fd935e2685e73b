import Handwriting
import HostKit
import ImageKit
import TestKit
import Testing
import WorkerContract

/// Channels that do not hold what the training needs.
@Suite(
  .enabled(if: HandwrittenWords.canBeTrained, HandwrittenWords.skipped), .timeLimit(.minutes(1)))
struct BadRecognitionDataTests {
  private static let settings = AlgorithmJob.plain.merging(["epochs": "1", "batch_size": "2"]) { _, ours in ours }

  private static func job(_ folder: String, onBadData: String = "skip") throws -> AlgorithmJob {
    try AlgorithmJob(folder, settings.merging(["on_bad_data": onBadData]) { _, ours in ours })
  }

  /// A page with a word that nobody can read, beside one that is fine.
  private static func addPages(to channel: WordChannel, _ names: [String]) throws {
    let image = try HandwrittenWords.draw(["ink"])[0].image
    try channel.add(
      names.map { PageAnnotation(source: $0, words: [WordChannel.annotation("ink", image)]) }, manifest: "bad.manifest")
  }

  @Test func `a job without a train channel learns which channels there are`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder)
      try job.channel("test").add(try HandwrittenWords.draw(["ink"]))
      #expect(try await job.run().exit == .code(3))
      #expect(
        try job.failure()
          == "There is no manifest to train on. Give a channel `train` with images and a manifest (*.manifest or "
          + "*.jsonl, one image a line); the channels are: test.")
    }
  }

  @Test func `an empty manifest is named`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder)
      try job.channel("train").add([], manifest: "empty.jsonl")
      #expect(try await job.run().exit == .code(3))
      #expect(try job.failure().hasPrefix("There is not one word to train on in train/empty.jsonl"))
    }
  }

  @Test func `words without text are no words to train on, and counted`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder)
      let image = try HandwrittenWords.draw(["ink"])[0].image
      try job.channel("train").add([
        .init(text: "%math%", image: image), .init(text: "%NA%", image: image), .init(text: "%SC%", image: image),
      ])
      let end = try await job.run()
      #expect(end.exit == .code(3))
      #expect(end.log.contains("Data train: 3 images, no words\n  left out: 3 words without text (%…%)\n"))
      #expect(try job.failure().contains("There is not one word to train on"))
    }
  }

  @Test func `images that cannot be read are left out, counted and named`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder)
      let channel = try job.channel("train")
      try channel.add(try HandwrittenWords.draw(["ink", "pen"]))
      try Files.write("no picture", to: "\(channel.folder)/broken.jpg", durable: false)
      try Self.addPages(to: channel, ["broken.jpg", "missing.png"])
      let end = try await job.run()
      #expect(end.exit == .code(0), "\(end.errors)")
      #expect(end.log.contains("Data train: 4 images, 2 words, "))
      #expect(end.log.contains("\n  left out: 2 images that cannot be read\n"))
      #expect(end.log.contains("/broken.jpg: ") && end.log.contains("/missing.png"))
    }
  }

  @Test func `asked to, the training stops at the first image that cannot be read and names it`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder, onBadData: "stop")
      let channel = try job.channel("train")
      try channel.add(try HandwrittenWords.draw(["ink", "pen"]))
      try Files.write("no picture", to: "\(channel.folder)/broken.jpg", durable: false)
      try Self.addPages(to: channel, ["broken.jpg"])
      #expect(try await job.run().exit == .code(3))
      #expect(try job.failure().contains("\(channel.folder)/broken.jpg: "))
    }
  }

  @Test(arguments: [("skip", Int32(0)), ("stop", 3)])
  func `a line that is no JSON is counted or ends the training`(policy: String, code: Int32) async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder, onBadData: policy)
      let channel = try job.channel("train")
      try channel.add(try HandwrittenWords.draw(["ink", "pen"]))
      try Files.write("{\"source-ref\":\n", to: "\(channel.folder)/torn.manifest", durable: false)
      let end = try await job.run()
      #expect(end.exit == .code(code))
      if code == 0 {
        #expect(end.log.contains("\n  left out: 1 bad lines of the manifest\n"))
      } else {
        #expect(try job.failure().contains("/torn.manifest:1: "))
      }
    }
  }

  @Test func `bad hyperparameters end the worker with 2 and are all told`() async throws {
    try await withScratchFolder { folder in
      let job = try AlgorithmJob(folder, ["epochs": "none", "size": "huge"])
      #expect(try await job.run().exit == .code(2))
      let message = try job.failure()
      #expect(message.contains("epochs must be") && message.contains("size must be"))
    }
  }
}
