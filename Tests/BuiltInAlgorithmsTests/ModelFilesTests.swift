import Glibc
import Handwriting
import HostKit
import JSONKit
import TensorKit
import TestKit
import Testing

/// Folders that hold a model, half of one, or something else. Nothing in them may crash whoever loads them.
struct ModelFilesTests {
  private static let charset = "abc"

  /// A model as small as they come; what it reads means nothing.
  private static func write(to folder: String) throws {
    let charset = try Charset(texts: [charset])
    let architecture = RecognitionArchitecture(
      channels: [Int](repeating: 16, count: 7), hidden: 16, layers: 1, classes: charset.classCount, height: 16)
    let network = RecognitionNetwork(architecture)
    let (weights, statistics) = (FlatArray(count: network.parameters.count), FlatArray(count: network.statistics.count))
    network.start(weights, statistics, seed: 1)
    let words = [(text: "abc", count: 2), (text: "cab", count: 1)]
    try RecognitionModel(
      configuration: RecognitionConfiguration(architecture: architecture, charset: charset, maximumWidth: 64),
      weights: weights, statistics: statistics,
      languageModel: try CharacterNGram(words: words, charset: charset, order: 2),
      lexicon: try Lexicon(words: words, charset: charset)
    ).write(to: folder)
  }

  /// - Returns: why it cannot be loaded; nil when it can.
  private static func refusal(_ folder: String) -> (any Error)? {
    do {
      _ = try RecognitionModel(folder: folder)
      return nil
    } catch { return error }
  }

  private static func change(_ folder: String, _ change: (inout JSON.Object) throws -> Void) throws {
    let path = "\(folder)/config.json"
    var object = try #require(try JSON(parsing: try Files.read(path)).object)
    try change(&object)
    try Files.write(JSON.object(object).bytes, to: path, durable: false)
  }

  @Test func `a written model loads as it was`() async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      let model = try RecognitionModel(folder: folder)
      #expect(model.configuration.charset.characters == ["a", "b", "c"] && model.configuration.maximumWidth == 64)
      #expect(model.languageModel?.order == 2 && model.lexicon?.words.map(\.text) == ["abc", "cab"])
      let copy = "\(folder)/copy"
      try Files.makeFolder(copy)
      try model.write(to: copy)
      for name in try Files.names(in: copy) {
        #expect(try Files.read("\(copy)/\(name)") == Files.read("\(folder)/\(name)"), "\(name) differs")
      }
    }
  }

  @Test(arguments: ["config.json", "model.safetensors"])
  func `a part that is missing is named`(name: String) async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      try Files.remove("\(folder)/\(name)")
      let error = try #require(Self.refusal(folder) as? SystemError)
      #expect(error.description.contains("\(folder)/\(name)"))
    }
  }

  @Test(arguments: ["language-model.bin", "lexicon.txt"])
  func `a model reads without language model and lexicon`(name: String) async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      try Files.remove("\(folder)/\(name)")
      #expect(Self.refusal(folder) == nil)
    }
  }

  struct Flaw: Sendable, CustomTestStringConvertible {
    let member: String
    /// nil removes it.
    var value: JSON?
    let reason: String
    var testDescription: String { "\(member) = \(value?.text ?? "nothing")" }
  }

  @Test(arguments: [
    Flaw(member: "algorithm", value: "sorting", reason: "not a model of the algorithm text-recognition"),
    Flaw(member: "format_version", value: 2, reason: "format_version is not 1"),
    Flaw(member: "charset", reason: "it has no charset"),
    Flaw(member: "charset", value: ["a", "a", "b"], reason: "\"a\" stands in it twice"),
    Flaw(member: "charset", value: ["a", "bc"], reason: "item 1 is not a string of one character"),
    Flaw(member: "charset", value: [], reason: "it has 0 characters"),
    Flaw(member: "charset", value: ["a", "b"], reason: "the shape of head"),
    Flaw(member: "maximum_width", value: 100, reason: "maximum_width must be a multiple of 16"),
    Flaw(member: "maximum_width", value: 4096, reason: "maximum_width must be a multiple of 16 in 64...2048"),
    Flaw(member: "maximum_width", value: "wide", reason: "maximum_width is not a whole number"),
    Flaw(member: "architecture", reason: "architecture.hidden is not a whole number"),
    Flaw(member: "decoding", value: ["alpha": 1], reason: "the decoding weights"),
  ])
  func `a configuration that means nothing is refused`(flaw: Flaw) async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      try Self.change(folder) { $0[flaw.member] = flaw.value }
      let error = try #require(Self.refusal(folder) as? ModelFileError)
      #expect(error.description.contains(flaw.reason))
    }
  }

  @Test(arguments: [
    ("hidden", 1 << 40), ("hidden", 2048), ("hidden", -16), ("layers", 1_000_000), ("layers", 5), ("height", 4096),
    ("height", 0),
  ])
  func `a network larger than any is refused`(name: String, value: Int) async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      try Self.change(folder) { object in
        var architecture = try #require(object["architecture"]?.object)
        architecture[name] = .integer(Int64(value))
        object["architecture"] = .object(architecture)
      }
      let error = try #require(Self.refusal(folder) as? ModelFileError)
      #expect(error.subject == "config.json" && error.reason.contains(name))
    }
  }

  @Test func `a network that its weights do not fit takes no memory`() async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      // The largest there may be: more than half a gigabyte of weights.
      try Self.change(folder) { object in
        object["architecture"] = [
          "channels": .array([JSON](repeating: 1024, count: 7)), "hidden": 1024, "layers": 4, "height": 16,
        ]
      }
      var before = rusage()
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &before)
      let error = try #require(Self.refusal(folder) as? ModelFileError)
      var after = rusage()
      getrusage(__rusage_who_t(RUSAGE_SELF.rawValue), &after)
      #expect(error.subject == "model.safetensors")
      #expect(after.ru_maxrss - before.ru_maxrss < 300 << 10)
    }
  }

  @Test func `few weights that ask for gigantic layers are refused`() async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      try Self.change(folder) { object in
        object["architecture"] = [
          "channels": [1024, 16, 16, 16, 16, 16, 16], "hidden": 16, "layers": 1, "height": 128,
        ]
        object["maximum_width"] = 2048
      }
      let error = try #require(Self.refusal(folder) as? ModelFileError)
      #expect(
        error.subject == "config.json" && error.reason.contains("a layer would put out more than 4194304 numbers"))
    }
  }

  @Test func `weights that end early are refused wherever they end`() async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      let path = "\(folder)/model.safetensors"
      let bytes = try Files.read(path)
      var random = SeededRandom(seed: 7)
      let places = [0, 1, 7, 8, 9, bytes.count - 1] + (0..<40).map { _ in Int(random.uniform() * Double(bytes.count)) }
      for place in places {
        try Files.write(Array(bytes[..<place]), to: path, durable: false)
        let error = try #require(Self.refusal(folder) as? ModelFileError, "cut at \(place)")
        #expect(error.description.contains("model.safetensors"))
      }
    }
  }

  @Test(arguments: ["config.json", "model.safetensors", "language-model.bin", "lexicon.txt"])
  func `changed bytes give a model or a reason, never a crash`(name: String) async throws {
    try await withScratchFolder { folder in
      try Self.write(to: folder)
      let path = "\(folder)/\(name)"
      let bytes = try Files.read(path)
      var random = SeededRandom(seed: 11)
      for round in 0..<150 {
        var damaged = bytes
        // Mostly the beginning: there the lengths are.
        let reach = Double(round % 3 == 0 ? damaged.count : min(damaged.count, 400))
        for _ in 0...(round % 4) {
          damaged[Int(random.uniform() * reach)] = UInt8(truncatingIfNeeded: random.next())
        }
        if round % 5 == 0 { damaged.removeSubrange(Int(random.uniform() * reach)...) }
        try Files.write(damaged, to: path, durable: false)
        if let error = Self.refusal(folder) { #expect(error is ModelFileError, "round \(round): \(error)") }
      }
    }
  }

  @Test func `a folder that is none, and a file, are refused`() async throws {
    try await withScratchFolder { folder in
      try Files.write("ink", to: "\(folder)/file", durable: false)
      for path in ["\(folder)/nothing", "\(folder)/file"] {
        let error = try #require(Self.refusal(path) as? SystemError)
        #expect(error.description.contains("\(path)/config.json"))
      }
    }
  }
}
