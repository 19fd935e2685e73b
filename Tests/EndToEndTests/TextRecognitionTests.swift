import ArchiveKit
import Client
import Foundation
import Glibc
import Handwriting
import HostKit
import ImageKit
import JSONKit
import Synthesis
import TestKit
import Testing

/// From pictures of words over a training job to a worker that reads them.
@Suite(.serialized) struct TextRecognitionTests {
  private struct Word {
    let text: String
    let image: GreyImage
    /// What is trained on, and what is sent to be read.
    let jpeg: [UInt8]
  }

  private static let fonts: [HandwritingFont] =
    // That there is none is what the test's condition tells.
    (try? FontFolder.fonts(alphabet: Set("adeimnorstu"))) ?? []

  /// Words of three letters, each another.
  private static func words(_ count: Int) throws -> [Word] {
    let letters = Array("adeimnorstu")
    var random = SeededRandom(seed: 2)
    var texts: Set<String> = []
    while texts.count < count {
      texts.insert(String((0..<3).map { _ in letters[Int(random.uniform() * Double(letters.count))] }))
    }
    let words = try WordSynthesizer(fonts: fonts, texts: WordTexts(words: texts.sorted()))
    return try texts.sorted().enumerated().map { index, text in
      let image = try Self.picture(of: text, words, seed: UInt64(index))
      return Word(text: text, image: image, jpeg: try ImageEncoder.jpeg(image, quality: 95))
    }
  }

  /// At least as wide as it is high, so that all words fill the narrowest picture that networks look at: none is padded
  /// in one way while it is learnt and in another while it is read.
  private static func picture(of text: String, _ words: WordSynthesizer, seed: UInt64) throws -> GreyImage {
    var attempt: UInt64 = 0
    while true {
      let image = try words.word(saying: text, seed: seed &+ attempt << 32).image
      attempt += 1
      if image.width >= image.height || attempt == 50 { return image }
    }
  }

  private static func writeChannel(_ words: [Word], to folder: String) throws {
    try Files.makeFolder(folder)
    var manifest = ""
    for (index, word) in words.enumerated() {
      try Files.write(word.jpeg, to: "\(folder)/\(index).jpg", durable: false)
      let (right, bottom) = (Double(word.image.width), Double(word.image.height))
      let corners = [Point(x: 0, y: 0), Point(x: right, y: 0), Point(x: right, y: bottom), Point(x: 0, y: bottom)]
      let page = PageAnnotation(source: "\(index).jpg", words: [WordAnnotation(text: word.text, polygon: corners)])
      manifest += Manifest.line(for: page) + "\n"
    }
    try Files.write(manifest, to: "\(folder)/words.manifest", durable: false)
  }

  private static func request(_ name: String, data: String) -> JSON {
    let metrics: [JSON] = [
      ["Name": "train:loss", "Regex": "Train loss ([0-9.]+)"], ["Name": "test:loss", "Regex": "Test loss ([0-9.]+)"],
      ["Name": "iteration", "Regex": #"Iteration (\d+)"#],
    ]
    let algorithm: JSON = [
      "AlgorithmName": "text-recognition", "TrainingInputMode": "File", "MetricDefinitions": .array(metrics),
    ]
    return JobRequest.make(name, algorithm: algorithm) { request in
      request["InputDataConfig"] = [
        JobRequest.channel("train", "file://\(data)"), JobRequest.channel("test", "file://\(data)"),
      ]
      request["HyperParameters"] = .strings([
        "epochs": "40", "batch_size": "4", "augmentation": "0", "validation_share": "0", "maximum_width": "64",
        "language_model_order": "0", "lexicon": "false", "evaluations": "3",
      ])
    }
  }

  @Test(
    .enabled(if: !fonts.isEmpty, "no handwriting font is installed; apt-get install fonts-breip fonts-kristi"),
    .timeLimit(.minutes(3)))
  func `a job learns words from its channels, and a worker serves what it has learnt`() async throws {
    try await DaemonFixture.use { daemon in
      let words = try Self.words(48)
      try Self.writeChannel(words, to: "\(daemon.folder)/words")
      try await daemon.create(Self.request("reader", data: "\(daemon.folder)/words"))
      let record = try await daemon.end(of: "reader", within: .seconds(150))
      #expect(record.job["TrainingJobStatus"] == "Completed", "\(record.described.text)")
      let metrics = try #require(record.job["FinalMetricDataList"]?.array)
      let values = Dictionary(
        uniqueKeysWithValues: metrics.compactMap { metric in
          metric["MetricName"]?.string.map { ($0, metric["Value"]?.number) }
        })
      #expect(values["iteration"] == 3)
      #expect(try #require(values["test:loss"] ?? nil) < 0.5)
      #expect(values.keys.contains("train:loss"))

      let archive = try #require(record.htr["ModelArtifactPath"]?.string)
      let model = "\(daemon.folder)/model"
      _ = try ArchiveExtractor.extract(archive, into: model)
      try await serve(words, model: model, in: daemon)
    }
  }

  @Test(
    .enabled(if: !fonts.isEmpty, "no handwriting font is installed; apt-get install fonts-breip fonts-kristi"),
    .timeLimit(.minutes(1)))
  func `a stopped job keeps the best that it has learnt`() async throws {
    try await DaemonFixture.use { daemon in
      try Self.writeChannel(Self.words(4), to: "\(daemon.folder)/words")
      let settings = [
        "epochs=100000", "evaluations=10000", "batch_size=4", "maximum_width=64", "validation_share=0",
        "language_model_order=0", "lexicon=false",
      ]
      let fit = try daemon.startCLI(
        ["fit", "--algorithm", "text-recognition", "--name", "stopped", "--input", "train=\(daemon.folder)/words"]
          + settings.flatMap { ["--hyperparameter", $0] })
      try await fit.waitUntil("the second evaluation", within: .seconds(40)) { output, _ in
        String(decoding: output, as: UTF8.self).contains("Iteration 2\n")
      }
      #expect(try await daemon.cli("stop", "stopped", "--wait").code == 0)
      #expect(try await fit.end() == .code(3))
      #expect(try await daemon.logText(of: "stopped").contains("Stopping: the best weights so far are kept\n"))
      let record = try await daemon.record(of: "stopped")
      #expect(record.status == "Stopped")
      let archive = try #require(record.htr["ModelArtifactPath"]?.string)
      _ = try ArchiveExtractor.extract(archive, into: "\(daemon.folder)/model")
      #expect(try RecognitionModel(folder: "\(daemon.folder)/model").languageModel == nil)
    }
  }

  private func serve(_ words: [Word], model: String, in daemon: DaemonFixture) async throws {
    let socket = "\(daemon.folder)/reader.sock"
    let server = try ChildProcess(
      Programs.built("htr-inference"), ["--model", model, "--socket", socket], environment: daemon.environment)
    defer { server.send(SIGKILL) }
    try await waitUntil("a healthy /ping") {
      // Until it listens nobody answers.
      (try? UnixSocketHTTP.request("GET", "/ping", at: socket))?.status == 200
    }
    let jpegs = words.map(\.jpeg)
    let one = try await offPool {
      try UnixSocketHTTP.request(
        "POST", "/invocations", at: socket, headers: ["Content-Type": "image/jpeg"], body: jpegs[0])
    }
    #expect(one.status == 200)
    let prediction = try #require(try JSON(parsing: one.body)["predictions"]?[0])
    #expect(prediction["text"] == .string(words[0].text))
    #expect(try #require(prediction["confidence"]?.number) > 0.5)

    let list = JSON.array(jpegs.map { .string(Data($0).base64EncodedString()) })
    let all = try await offPool {
      try UnixSocketHTTP.request(
        "POST", "/invocations", at: socket, headers: ["Content-Type": "application/json", "Accept": "text/plain"],
        body: JSON.members(["images": list]).bytes)
    }
    #expect(all.status == 200)
    #expect(all.text.split(separator: "\n").map(String.init) == words.map(\.text))

    server.send(SIGTERM)
    #expect(try await server.end() == .code(0), "\(server.errorText)")
  }

  @Test(.timeLimit(.minutes(1)), arguments: ["empty", "nothing", "other"])
  func `a folder that is no model is refused with a reason`(kind: String) async throws {
    try await withScratchFolder { folder in
      let model = "\(folder)/\(kind)"
      if kind != "nothing" { try Files.makeFolder(model) }
      if kind == "other" { try Files.write(#"{"algorithm": "sorting"}"#, to: "\(model)/config.json", durable: false) }
      let server = try ChildProcess(
        Programs.built("htr-inference"), ["--model", model, "--socket", "\(folder)/reader.sock"])
      guard case .code(let code) = try await server.end() else {
        Issue.record("it was ended by a signal: \(server.errorText)")
        return
      }
      #expect(code != 0)
      let said =
        switch kind {
        case "empty": "cannot use \(model): there is no config.json in it"
        case "nothing": "cannot list \(model): No such file or directory"
        default: "its algorithm is 'sorting'; word-segmentation and text-recognition are served"
        }
      #expect((server.errorText + server.outputText).contains(said), "\(server.errorText)")
    }
  }
}
