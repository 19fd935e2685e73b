import Handwriting
import HostKit
import JSONKit
import TestKit
import Testing
import WorkerContract

/// A training as its job sees it: that it learns, what it says, and what it leaves.
@Suite(
  .enabled(if: HandwrittenWords.canBeTrained, HandwrittenWords.skipped), .timeLimit(.minutes(3)))
struct OverfittingTests {
  @Test func `64 words are learnt by heart, to zero errors`() async throws {
    let metrics = try JSON(file: "metrics.json", of: await Memorised.shared.files)
    let test = try #require(metrics["test"]?[0])
    #expect(test["overall"]?["words"] == 64)
    #expect(test["overall"]?["cer"]?.number == 0)
    #expect(test["overall"]?["exact"]?.number == 1)
  }

  @Test(arguments: [
    (#"Iteration (\d+)"#, [1, 2, 3, 4]), (#"Train loss ([0-9.]+)"#, nil), (#"Test loss ([0-9.]+)"#, nil),
  ])
  func `the log has what the blog's metric definitions look for`(pattern: String, expected: [Double]?) async throws {
    let log = try await Memorised.shared.log
    let found = log.matches(of: try Regex<(Substring, Substring)>(pattern)).compactMap { Double($0.output.1) }
    #expect(found.count == 4)
    if let expected { #expect(found == expected) } else { #expect(found[3] < found[0] / 4) }
  }

  @Test func `the log says what the training works on and with`() async throws {
    let lines = try await Memorised.shared.log.split(separator: "\n")
    #expect(lines.first?.hasPrefix("Backend: ") == true && lines.first?.hasSuffix(", 2 threads") == true)
    #expect(lines.contains { $0.hasPrefix("Data train: 64 images, 64 words, ") })
    #expect(lines.contains("  sources: one 40, two 24"))
    #expect(lines.contains("Characters (8): aeinorst"))
    #expect(lines.contains { $0.hasPrefix("Network: ") && $0.hasSuffix(" weights, 9 classes") })
    #expect(lines.contains("Test CER 0.0000 WER 0.0000 exact 1.0000"))
    #expect(lines.contains("Final test, best path: CER 0.0000 exact 1.0000"))
    #expect(lines.last == "Training finished")
  }

  @Test func `the model's folder holds data and nothing else`() async throws {
    let files = try await Memorised.shared.files
    #expect(
      files.keys.sorted() == ["README.md", "config.json", "metrics.json", "model.safetensors", "provenance.json"])
    let weights = try SafetensorsFile(parsing: try #require(files["model.safetensors"]))
    #expect(weights.metadata["algorithm"] == "text-recognition" && weights.metadata["format"] == "htr")
    #expect(weights.tensors.allSatisfy { $0.values.allSatisfy(\.isFinite) })
    let configuration = try RecognitionConfiguration(json: JSON(file: "config.json", of: files))
    #expect(String(configuration.charset.characters) == "aeinorst" && configuration.maximumWidth == 64)
  }

  @Test func `metrics have an interval around the value, the sources apart, and the curve`() async throws {
    let metrics = try JSON(file: "metrics.json", of: await Memorised.shared.files)
    let test = try #require(metrics["test"]?[0])
    for (rate, interval) in [("cer", "cer_95"), ("exact", "exact_95")] {
      let value = try #require(test["overall"]?[rate]?.number)
      let (lower, upper) = (test[interval]?[0]?.number, test[interval]?[1]?.number)
      #expect(try #require(lower) <= value && value <= #require(upper))
    }
    #expect(test["sources"]?["one"]?["words"] == 40 && test["sources"]?["two"]?["words"] == 24)
    let curve = try #require(metrics["curve"]?.array)
    #expect(curve.map { $0["iteration"]?.integer } == [1, 2, 3, 4])
    let losses = curve.compactMap { $0["test_loss"]?.number }
    #expect(losses.count == 4 && losses[3] < losses[0])
  }

  @Test func `provenance and model card say what went in and how good it is`() async throws {
    let model = try await Memorised.shared
    let provenance = try JSON(file: "provenance.json", of: model.files)
    #expect(
      provenance["manifests"] == [
        "test/one.manifest", "test/two.manifest", "train/one.manifest", "train/two.manifest",
      ])
    #expect(provenance["train_words"] == 64 && provenance["test_words"] == 64 && provenance["validation_words"] == 0)
    #expect(provenance["manifests_sha256"]?.string?.count == 64)
    #expect(provenance["code_version"] == .string(Release.version))
    let card = String(decoding: try #require(model.files["README.md"]), as: UTF8.self)
    #expect(card.contains("| all | 64 | 0.0 % | 100.0 % |\n| one | 40 | 0.0 % | 100.0 % |\n| two | 24 | "))
    #expect(card.contains("- Characters: 8\n- Language model: none; lexicon: none\n"))
  }

  @Test func `Python's safetensors reads the weights`() async throws {
    let program = Programs.installed("python3") ?? "python3"
    let check = try? ChildProcess(program, ["-c", "import safetensors.numpy"])
    guard let check, try await check.end() == .code(0) else {
      print("skipped: there is no python3 with the packages safetensors and numpy")
      return
    }
    try await withScratchFolder { folder in
      try await Memorised.shared.write(to: folder)
      let script = """
        import safetensors.numpy, sys
        tensors = safetensors.numpy.load_file(sys.argv[1])
        print(len(tensors), sum(tensor.size for tensor in tensors.values()))
        """
      let python = try ChildProcess(program, ["-c", script, "\(folder)/model.safetensors"])
      #expect(try await python.end() == .code(0), "\(python.errorText)")
      let weights = try SafetensorsFile.read("\(folder)/model.safetensors")
      #expect(
        python.outputText == "\(weights.tensors.count) \(weights.tensors.reduce(0) { $0 + $1.values.count })\n")
    }
  }
}
