import Documents
import Handwriting
import HostKit
import ImageKit
import JSONKit
import Pages
import Testing

@testable import Commands

struct EvaluateTests {
  /// One line of a manifest with words beside each other.
  static func line(_ source: String, _ texts: [String], confidence: Bool = false) -> String {
    let words = texts.enumerated().map { column, text -> JSON in
      let corners: [(Int, Int)] = [(0, 0), (40, 0), (40, 20), (0, 20)]
      return .members([
        "text": .string(text),
        "polygon": .array(corners.map { ["x": .integer(Int64($0.0 + 50 * column)), "y": .integer(Int64($0.1))] }),
        "confidence": confidence ? .number(0.25) : nil,
      ])
    }
    return JSON.members(["source-ref": .string(source), "annotations": ["texts": .array(words)]]).text + "\n"
  }

  static func folder() throws -> ScratchFolder {
    let folder = try ScratchFolder()
    for name in ["a.png", "b.png"] {
      try Files.write(
        try ImageEncoder.png(GreyImage(width: 100, height: 20)), to: "\(folder.path)/\(name)", durable: false)
    }
    try folder.write("truth.manifest", line("a.png", ["the", "cat"]) + line("b.png", ["sat"]))
    return folder
  }

  static func evaluate(_ folder: ScratchFolder, _ options: [String] = []) -> Printed {
    htrctl(
      ["evaluate", "--truth", "\(folder.path)/truth.manifest", "--readings", "\(folder.path)/read/r.manifest"]
        + options,
      home: folder.path)
  }

  @Test func `readings are matched by image and scored`() throws {
    let folder = try Self.folder()
    // Another folder, another order, and absolute places.
    try folder.write(
      "read/r.manifest",
      Self.line("../b.png", ["sat"]) + Self.line("\(folder.path)/a.png", ["the", "cot"], confidence: true))
    let printed = Self.evaluate(folder, ["--json", "\(folder.path)/e.json"])
    #expect(printed.status == 0 && printed.notes.isEmpty && printed.output.contains("mistaken: a as o 1"))
    let json = try JSON(parsing: try Files.readText("\(folder.path)/e.json"))
    #expect(json["Overall"]?["Hmean"]?["Value"]?.number == 1 && json["Overall"]?["Words"]?.integer == 3)
    #expect(json["WrongWords"]?[0]?["Truth"]?.string == "cat" && json["WrongWords"]?[0]?["Confidence"]?.number == 0.25)
    let rate = try #require(json["Overall"]?["FoundWordErrorRate"]?["Value"]?.number)
    #expect(abs(rate - 1.0 / 3) < 1e-9)
  }

  @Test func `an image of the same name elsewhere is the same image`() throws {
    let folder = try Self.folder()
    try folder.write("read/r.manifest", Self.line("/else/a.png", ["the", "cat"]) + Self.line("/else/b.png", ["sat"]))
    #expect(Self.evaluate(folder).output.contains("0 words read wrong, 0 not found"))
  }

  @Test func `a page that was not read counts as missed, or is left out`() throws {
    let folder = try Self.folder()
    try folder.write("read/r.manifest", Self.line("../b.png", ["sat"]))
    let all = Self.evaluate(folder)
    #expect(all.status == 0 && all.output.contains("2 not found") && all.notes.contains("1 page was not read (a.png)"))
    let read = Self.evaluate(folder, ["--only-read"])
    #expect(read.output.contains("0 not found") && read.notes.contains("left out"))
  }

  @Test func `readings of other images are refused`() throws {
    let folder = try Self.folder()
    try folder.write("read/r.manifest", Self.line("c.png", ["sat"]))
    let printed = Self.evaluate(folder)
    #expect(printed.status == 2 && printed.notes.contains("none of its 2 images was read"))
  }

  @Test func `the HTML shows the worst words with their pictures`() throws {
    let folder = try Self.folder()
    try folder.write(
      "read/r.manifest", Self.line("../a.png", ["the", "</b><script>"]) + Self.line("../b.png", ["sat", "on"]))
    #expect(Self.evaluate(folder, ["--html", "\(folder.path)/e.html"]).status == 0)
    let html = try Files.readText("\(folder.path)/e.html")
    #expect(html.contains("Words read wrong, the worst first (1)") && html.contains("&lt;/b&gt;&lt;script&gt;"))
    #expect(!html.contains("<script") && html.split(separator: "<img src=\"data:image/jpeg").count == 3)
  }

  @Test func `a single JSON object is printed for programs`() throws {
    let folder = try Self.folder()
    try folder.write("read/r.manifest", Self.line("../a.png", ["the", "cat"]) + Self.line("../b.png", ["sat"]))
    let printed = Self.evaluate(folder, ["--json", "-"])
    #expect(try JSON(parsing: printed.output)["Overall"]?["EndToEndHmean"]?["Value"]?.number == 1)
  }

  @Test func `a broken reading is told by its line`() throws {
    let folder = try Self.folder()
    try folder.write("read/r.manifest", "hello\n")
    let printed = Self.evaluate(folder)
    #expect(printed.status == 2 && printed.notes.contains("r.manifest:1:"))
  }

  /// A worker that knows one page.
  private struct OnePageReader: ReadingSource {
    let answer: @Sendable () throws -> ReadPage
    func read(_ page: DocumentPage) throws -> ReadPage { try answer() }
  }

  @Test func `a worker is asked page by page, and a page that it refuses is not read`() throws {
    let folder = try Self.folder()
    let page = PageAnnotation(source: "a.png", words: [])
    let answer = ReadPage(width: 100, height: 20, words: [])
    let good = LiveReading(page, folder: folder.path, reader: OnePageReader { answer })
    #expect(try good.page == answer && good.trouble == nil)
    let refused = LiveReading(page, folder: folder.path, reader: OnePageReader { throw PageFailure("too dark") })
    #expect(try refused.page == nil && refused.trouble == "too dark")
    let absent = LiveReading(
      PageAnnotation(source: "gone.png", words: []), folder: folder.path, reader: OnePageReader { answer })
    #expect(try absent.page == nil && absent.trouble == "No such file or directory")
    let ended = LiveReading(
      page, folder: folder.path, reader: OnePageReader { throw Failure("worker", "it has ended") })
    #expect(throws: Failure.self) { try ended.page }
  }

  @Test func `somebody must have read the pages`() throws {
    let printed = htrctl(["evaluate", "--truth", "t"], home: "/tmp")
    #expect(printed.status == 2 && printed.notes.contains("--readings"))
    let both = htrctl(
      ["evaluate", "--truth", "t", "--readings", "r", "--page-endpoint", "http://127.0.0.1:1"], home: "/tmp")
    #expect(both.status == 2)
  }
}
