import HostKit
import TestKit
import Testing

/// A small recogniser that knows its training words by heart: trained once, for all tests that need one.
struct Memorised: Sendable {
  static let texts = HandwrittenWords.texts(64, of: "aeinorst")

  let log: String
  let files: [String: [UInt8]]

  static var shared: Memorised { get async throws { try await training.value } }

  private static let training = Task { try await train() }

  private static func train() async throws -> Memorised {
    try await withScratchFolder { folder in
      let settings = ["epochs": "32", "batch_size": "4", "evaluations": "4"]
      let job = try AlgorithmJob(folder, AlgorithmJob.plain.merging(settings) { _, ours in ours })
      let words = try HandwrittenWords.draw(texts)
      for channel in ["train", "test"] {
        try job.channel(channel).add(Array(words[..<40]), manifest: "one.manifest", source: "one")
        try job.channel(channel).add(Array(words[40...]), manifest: "two.manifest", source: "two")
      }
      let end = try await job.run()
      try #require(end.exit == .code(0), "\(end.errors)")
      return Memorised(log: end.log, files: try job.model())
    }
  }

  /// Writes the model's files into a folder.
  func write(to folder: String) throws {
    try Files.makeFolder(folder)
    for (name, bytes) in files { try Files.write(bytes, to: "\(folder)/\(name)", durable: false) }
  }
}
