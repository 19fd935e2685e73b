import Glibc
import Handwriting
import HostKit
import ImageKit
import JSONKit
import Pages
import Segmentation
import TensorKit
import TestKit
import Testing

/// `htrctl read` with real workers. The models are untrained: what they read is noise, but all between is real.
@Suite(.serialized, .timeLimit(.minutes(2))) struct ReadTests {
  /// A scratch folder with models and a folder of scans.
  struct Desk {
    let folder: String
    var recogniser: String { "\(folder)/recogniser" }
    var localiser: String { "\(folder)/localiser" }
    var scans: String { "\(folder)/scans" }
    /// Where programs put what they need for a while.
    var temporary: String { "\(folder)/tmp" }

    init(_ folder: String, pages: Int) throws {
      self.folder = folder
      for path in [recogniser, localiser, scans, temporary] { try Files.makeFolder(path) }
      try writeModels()
      for number in 0..<pages {
        var page = GreyImage(width: 320, height: 256, shade: 230)
        for y in 100..<120 { for x in 40..<(90 + number) { page[x, y] = 20 } }
        let name = String(1000 + number).dropFirst()
        try Files.write(try ImageEncoder.jpeg(page), to: "\(scans)/\(name).jpg", durable: false)
      }
    }

    private func writeModels() throws {
      let charset = try Charset(characters: ["a", "b"])
      let reading = RecognitionArchitecture(
        channels: [16, 16, 16, 16, 16, 16, 16], hidden: 16, layers: 1, classes: charset.classCount)
      let reader = RecognitionNetwork(reading)
      var weights = FlatArray(count: reader.parameters.count)
      var statistics = FlatArray(count: reader.statistics.count)
      reader.start(weights, statistics, seed: 1)
      try RecognitionModel(
        configuration: RecognitionConfiguration(architecture: reading, charset: charset, maximumWidth: 512),
        weights: weights, statistics: statistics
      ).write(to: recogniser)

      let locating = SegmentationArchitecture(channels: [16, 16, 16, 16], pyramid: 16)
      let finder = SegmentationNetwork(locating)
      weights = FlatArray(count: finder.parameters.count)
      statistics = FlatArray(count: finder.statistics.count)
      finder.start(weights, statistics, seed: 1)
      try SegmentationModel(
        configuration: SegmentationConfiguration(architecture: locating, longerSide: 320), weights: weights,
        statistics: statistics
      ).write(to: localiser)
    }

    var environment: [String: String] {
      get throws {
        ["PATH": "/usr/bin:/bin", "TMPDIR": temporary, "HTR_PROGRAMS": Files.parent(of: try Programs.built("htrctl"))]
      }
    }

    func read(_ arguments: [String]) throws -> ChildProcess {
      try ChildProcess(Programs.built("htrctl"), ["read"] + arguments, environment: environment)
    }

    func worker(_ arguments: [String]) async throws -> ChildProcess {
      let worker = try ChildProcess(Programs.built("htr-inference"), arguments, environment: environment)
      try await worker.waitUntil("readiness") { output, errors in
        String(decoding: output + errors, as: UTF8.self).contains("ready")
      }
      return worker
    }
  }

  @Test func `pages are read by a worker of the command's own, which leaves nothing behind`() async throws {
    try await withScratchFolder { folder in
      let desk = try Desk(folder, pages: 3)
      let command = try desk.read([
        desk.scans, "--model", desk.localiser, "--model", desk.recogniser, "--format", "json",
      ])
      #expect(try await command.end() == .code(0), "\(command.errorText)")
      let pages = try command.outputText.split(separator: "\n").map { try JSON(parsing: String($0)) }
      #expect(pages.map { $0["source"]?.string } == (0..<3).map { "\(desk.scans)/00\($0).jpg" })
      for page in pages {
        let read = try ReadPage(json: page)
        #expect(read.width == 320 && read.height == 256 && read.words.allSatisfy { $0.text != nil })
      }
      #expect(try Files.names(in: desk.temporary) == [])
    }
  }

  @Test func `two workers of one model each read as one with both`() async throws {
    try await withScratchFolder { folder in
      let desk = try Desk(folder, pages: 1)
      let finder = try await desk.worker(["--model", desk.localiser, "--socket", "\(folder)/find.sock"])
      let reader = try await desk.worker(["--model", desk.recogniser, "--port", "0"])
      defer { for worker in [finder, reader] { worker.send(SIGTERM) } }
      let port = try #require(Self.port(of: reader))
      let both = [
        "--segmentation-endpoint", "unix:\(folder)/find.sock", "--recognition-endpoint", "http://127.0.0.1:\(port)",
      ]
      let page = "\(desk.scans)/000.jpg"
      let apart = try desk.read([page, "--format", "json"] + both)
      #expect(try await apart.end() == .code(0), "\(apart.errorText)")
      let own = try desk.read([page, "--format", "json", "--model", desk.localiser, "--model", desk.recogniser])
      #expect(try await own.end() == .code(0), "\(own.errorText)")
      let pages = try [apart, own].map { try ReadPage(json: JSON(parsing: $0.outputText)) }
      #expect(pages[0].words.map(\.text) == pages[1].words.map(\.text))

      let swapped = try desk.read([page] + both.swapped)
      #expect(try await swapped.end() == .code(2))
      #expect(swapped.errorText.contains("it is a text-recognition worker"))
    }
  }

  /// As the worker's log tells it.
  private static func port(of worker: ChildProcess) -> Int? {
    let text = worker.errorText + worker.outputText
    return text.split(whereSeparator: { $0.isWhitespace }).first { $0.hasPrefix("port=") }
      .flatMap { Int($0.dropFirst(5).filter(\.isNumber)) }
  }

  @Test func `standard input is a page too`() async throws {
    try await withScratchFolder { folder in
      let desk = try Desk(folder, pages: 1)
      let line = #""$0" read - --format json --model "$1" --model "$2" < "$3""#
      let command = try ChildProcess(
        "/bin/sh",
        ["-c", line, Programs.built("htrctl"), desk.localiser, desk.recogniser, "\(desk.scans)/000.jpg"],
        environment: desk.environment)
      #expect(try await command.end() == .code(0), "\(command.errorText)")
      #expect(try JSON(parsing: command.outputText)["source"]?.string == "standard input")
    }
  }

  @Test func `Ctrl-C ends a run in good order, and resume reads the rest`() async throws {
    try await withScratchFolder { folder in
      let desk = try Desk(folder, pages: 60)
      let arguments = [
        desk.scans, "--model", desk.localiser, "--model", desk.recogniser, "--format", "json", "--output",
        "\(folder)/out.json",
      ]
      let command = try desk.read(arguments)
      try await command.waitUntil("a page") { _, errors in String(decoding: errors, as: UTF8.self).contains("000.jpg") }
      command.send(SIGINT)
      #expect(try await command.end() == .code(130), "\(command.errorText)")
      #expect(try Files.names(in: desk.temporary) == [])
      let resumed = try desk.read(arguments + ["--resume"])
      #expect(try await resumed.end(within: .seconds(90)) == .code(0), "\(resumed.errorText)")
      #expect(resumed.errorText.contains("read before"))
      let sources = try Files.readText("\(folder)/out.json").split(separator: "\n").map {
        try JSON(parsing: String($0))["source"]?.string
      }
      #expect(sources == (0..<60).map { "\(desk.scans)/\(String(1000 + $0).dropFirst()).jpg" })
    }
  }
}

extension [String] {
  /// Two options with their values exchanged.
  fileprivate var swapped: [String] { [self[0], self[3], self[2], self[1]] }
}
