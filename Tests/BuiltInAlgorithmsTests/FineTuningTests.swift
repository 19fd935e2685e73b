import ArchiveKit
import Handwriting
import HostKit
import JSONKit
import TensorKit
import TestKit
import Testing
import WorkerContract

/// Trainings that start from an earlier model.
@Suite(
  .enabled(if: HandwrittenWords.canBeTrained, HandwrittenWords.skipped), .timeLimit(.minutes(3)), .serialized)
struct FineTuningTests {
  /// Words that the earlier model knows, and some with letters that it does not know.
  private static func job(
    _ folder: String, epochs: Int, _ others: [String: String] = [:]
  ) throws -> AlgorithmJob {
    let settings = ["epochs": "\(epochs)", "evaluations": "\(min(epochs, 4))", "batch_size": "4"].merging(others) { $1 }
    let job = try AlgorithmJob(folder, AlgorithmJob.plain.merging(settings) { _, ours in ours })
    let known = try HandwrittenWords.draw(Memorised.texts).prefix(16)
    let unknown = try HandwrittenWords.draw(["mum", "dud", "mud", "gum", "mug", "dug"], seed: 9)
    for channel in ["train", "test"] {
      try job.channel(channel).add(Array(known), manifest: "known.manifest")
      try job.channel(channel).add(unknown, manifest: "unknown.manifest")
    }
    return job
  }

  @Test func `a model as a folder or an archive is a far better start than none, and learns new characters`()
    async throws
  {
    try await withScratchFolder { folder in
      let model = try await Memorised.shared
      let fresh = try Self.job("\(folder)/fresh", epochs: 1)
      let packed = try Self.job("\(folder)/packed", epochs: 1)
      let tuned = try Self.job("\(folder)/tuned", epochs: 24)
      try model.write(to: tuned.layout.channel("model"))
      try model.write(to: "\(folder)/model")
      try Files.makeFolder(packed.layout.channel("model"))
      _ = try ArchivePacker.packTarGzip(folder: "\(folder)/model", to: packed.layout.channel("model") + "/model.tar.gz")

      let freshLoss = try #require(try await fresh.run().numbers(after: "Test loss ").first)
      let packedLoss = try #require(try await packed.run().numbers(after: "Test loss ").first)
      #expect(packedLoss < freshLoss / 2)
      let end = try await tuned.run()
      #expect(end.exit == .code(0), "\(end.errors)")
      let metrics = try JSON(file: "metrics.json", of: tuned.model())
      #expect(metrics["test"]?[0]?["overall"]?["cer"]?.number == 0, "\(end.log)")
      let characters = try RecognitionModel(folder: tuned.layout.model).configuration.charset.characters
      #expect(String(characters) == "adegimnorstu")
    }
  }

  @Test func `an attempt after a killed one unpacks the model to start from once more`() async throws {
    try await withScratchFolder { folder in
      try await Memorised.shared.write(to: "\(folder)/model")
      let job = try Self.job("\(folder)/job", epochs: 1)
      try Files.makeFolder(job.layout.channel("pretrained"))
      _ = try ArchivePacker.packTarGzip(
        folder: "\(folder)/model", to: job.layout.channel("pretrained") + "/model.tar.gz")
      for _ in 1...2 {
        let end = try await job.run()
        #expect(end.exit == .code(0), "\(end.errors)")
      }
    }
  }

  @Test func `a model with another trunk is refused with what to do`() async throws {
    try await withScratchFolder { folder in
      try await Memorised.shared.write(to: folder)
      let model = try RecognitionModel(folder: folder)
      let charset = model.configuration.charset
      var other = model.configuration.architecture
      other.hidden += 16
      let error = #expect(throws: ModelFileError.self) {
        try model.start(RecognitionNetwork(other), charset: charset, seed: 1)
      }
      let message = "its network has other layers: channels [16, 32, 64, 64, 128, 128, 192], hidden 160, layers 2"
      #expect(error?.description == "cannot use the model to start from: \(message). Train with these.")
    }
  }

  @Test func `another size than the earlier model's is refused, not passed over`() async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder, epochs: 1, ["size": "medium"])
      try await Memorised.shared.write(to: job.layout.channel("model"))
      #expect(try await job.run().exit == .code(2))
      #expect(try job.failure().contains("leave size out"))
    }
  }

  @Test func `characters keep their scores when others join them`() async throws {
    try await withScratchFolder { folder in
      try await Memorised.shared.write(to: folder)
      let old = try RecognitionModel(folder: folder)
      let charset = try Charset(texts: ["abaeinorst"])
      let network = RecognitionNetwork(old.configuration.architecture.with(classes: charset.classCount))
      let (weights, statistics) = try old.start(network, charset: charset, seed: 1)
      let new = RecognitionModel(
        configuration: RecognitionConfiguration(
          architecture: network.architecture, charset: charset, maximumWidth: 64),
        weights: weights, statistics: statistics)
      let word = try HandwrittenWords.draw(Memorised.texts)[0]
      let backend = try BackendChoice.automatic.make()
      let reading = try NetworkReader(old, backends: [backend]).read([word.image], options: .init())[0].best
      #expect(reading.text == word.text)
      #expect(String(charset.characters) == "abeinorst")
      let head = new.network.parameters.parameters.filter { $0.name.hasPrefix("head") }
      let oldHead = old.network.parameters.parameters.filter { $0.name.hasPrefix("head") }
      for (after, before) in zip(head, oldHead) {
        let width = after.count / charset.classCount
        let (new, kept) = (new.weights.values(of: after), old.weights.values(of: before))
        // Classes: blank and "a" stay where they were, "b" is new, and the others move by one.
        #expect(new[..<(2 * width)] == kept[..<(2 * width)])
        #expect(Array(new[(3 * width)...]) == Array(kept[(2 * width)...]))
      }
    }
  }

  @Test(arguments: [("model", "config.json"), ("pretrained", "model.tar.gz")])
  func `a model channel that holds no model is bad data`(channel: String, name: String) async throws {
    try await withScratchFolder { folder in
      let job = try Self.job(folder, epochs: 1)
      try Files.makeFolder(job.layout.channel(channel))
      try Files.write("ink", to: "\(job.layout.channel(channel))/\(name)", durable: false)
      #expect(try await job.run().exit == .code(3))
      #expect(try job.failure().contains(name))
    }
  }
}
