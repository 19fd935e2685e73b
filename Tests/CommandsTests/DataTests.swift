import Handwriting
import HostKit
import ImageKit
import JSONKit
import Testing

@testable import Commands

struct DataTests {
  static let folder = "/data/set"

  @Test(
    arguments: [
      ("images/a.jpg", "/data/set", "images/a.jpg"), ("images/a.jpg", "/data", "set/images/a.jpg"),
      ("images/a.jpg", "/else", "/data/set/images/a.jpg"), ("/x/a.jpg", "/x", "a.jpg"),
      ("../b.jpg", "/data", "b.jpg"), ("s3://bucket/a.jpg", "/else", "s3://bucket/a.jpg"),
      ("/data/setting/a.jpg", "/data/set", "/data/setting/a.jpg"),
    ] as [(String, String, String)])
  func `an image is named from wherever the manifest goes`(source: String, to folder: String, expected: String) {
    #expect(ImagePlace(source: source, folder: Self.folder).source(in: folder) == expected)
  }

  static func line(_ source: String, text: String = "Proof", right: Int = 10) -> String {
    """
    {"source-ref":"\(source)","annotations":{"texts":[{"text":"\(text)","polygon":[{"x":0,"y":0},{"x":\(right),"y":0},\
    {"x":\(right),"y":8}]}]},"annotations-metadata":{"source":"iam","writer":"w1"}}

    """
  }

  static func image(_ folder: ScratchFolder, _ name: String) throws {
    let bytes = try ImageEncoder.png(GreyImage(width: 20, height: 10))
    try Files.write(bytes, to: "\(folder.path)/\(name)", durable: false)
  }

  @Test func `a sound manifest is told in numbers`() throws {
    let folder = try ScratchFolder()
    try Self.image(folder, "a.png")
    try Self.image(folder, "b.png")
    let path = try folder.write("m.manifest", Self.line("a.png") + Self.line("b.png", text: "%SC%"))
    let report = try ManifestReport(of: path, stopsAtFault: false)
    #expect(report.images == 2 && report.words == 2 && report.faultCount == 0)
    #expect(report.leftOut == ["%SC%": 1] && report.characters["o"] == 2 && report.collections == ["iam": 2])
    #expect(report.imageWidths.marks?.median == 20 && report.wordHeights.marks?.greatest == 8)
    let printed = htrctl(["data", "check", path], home: folder.path)
    #expect(printed.status == 0)
    #expect(printed.output.contains("words        2, 1 of them to learn from\nleft out     %SC% 1\n"))
  }

  @Test func `every fault is told with its line, and the status is 1`() throws {
    let folder = try ScratchFolder()
    try Self.image(folder, "a.png")
    try folder.write("text.png", "no image")
    let path = try folder.write(
      "m.manifest",
      Self.line("a.png") + "\nhello\n" + Self.line("gone.png") + Self.line("text.png") + Self.line("s3://b/c.png"))
    let printed = htrctl(["data", "check", path, "--json"], home: folder.path)
    #expect(printed.status == 1)
    let report = try JSON(parsing: printed.output)
    #expect(report["FaultCount"]?.integer == 3)
    #expect(report["Faults"]?.array?.compactMap { $0["Line"]?.integer } == [3, 4, 5])
    #expect(report["ImagesInBuckets"]?.integer == 1)
    #expect(report["Faults"]?[1]?["Reason"]?.string == "gone.png: the image cannot be read: No such file or directory")
  }

  @Test func `a word outside of its image is a fault`() throws {
    let folder = try ScratchFolder()
    try Self.image(folder, "a.png")
    let outside = Self.line("a.png").replacing("\"x\":0", with: "\"x\":21").replacing("\"x\":10", with: "\"x\":30")
    let path = try folder.write("m.manifest", Self.line("a.png") + outside)
    let report = try ManifestReport(of: path, stopsAtFault: false)
    #expect(report.faults.map(\.reason) == ["a.png: word 0 (\"Proof\") lies outside of the image of 20 x 10 pixels"])
  }

  @Test func `under the policy stop nothing is read after a fault`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("m.manifest", "hello\nhello\n")
    #expect(try ManifestReport(of: path, stopsAtFault: true).faultCount == 1)
    #expect(try ManifestReport(of: path, stopsAtFault: false).faultCount == 2)
    #expect(htrctl(["data", "check", path, "--policy", "stop"], home: folder.path).status == 1)
  }

  @Test func `a manifest that is not there is not a fault but a failure`() {
    let printed = htrctl(["data", "check", "/nowhere/m.manifest"], home: "/tmp")
    #expect(printed.status == 6 && printed.notes.contains("/nowhere/m.manifest"))
  }

  @Test func `a spread tells where the values are`() {
    var spread = Spread()
    #expect(spread.marks == nil)
    for value in 0...100 { spread.add(Double(100 - value)) }
    let marks = spread.marks
    #expect(
      marks?.least == 0 && marks?.tenth == 10 && marks?.median == 50 && marks?.ninth == 90 && marks?.greatest == 100)
  }
}

struct DataSplitTests {
  @Test func `a split keeps every line once, with all that stands in it`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("in/m.manifest", (0..<20).map { DataTests.line("images/\($0).jpg") }.joined())
    let printed = htrctl(["data", "split", path, "--test", "0.2", "--to", "\(folder.path)/out"], home: folder.path)
    #expect(printed.status == 0)
    let train = try ManifestLines(path: "\(folder.path)/out/train.manifest").lines
    let test = try ManifestLines(path: "\(folder.path)/out/test.manifest").lines
    #expect(train.count == 16 && test.count == 4)
    #expect(Set((train + test).map(\.source)) == Set((0..<20).map { "\(folder.path)/in/images/\($0).jpg" }))
    #expect((train + test).allSatisfy { $0.members["annotations-metadata"]?["writer"] == "w1" })
  }

  @Test func `a split replaces no manifest`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("train.manifest", DataTests.line("a.jpg") + DataTests.line("b.jpg"))
    let printed = htrctl(["data", "split", path, "--to", folder.path], home: folder.path)
    #expect(printed.status == 2 && printed.notes.contains("train.manifest is there already"))
  }

  @Test func `one image cannot be parted`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("m.manifest", DataTests.line("a.jpg") + DataTests.line("a.jpg"))
    let printed = htrctl(["data", "split", path, "--to", "\(folder.path)/out"], home: folder.path)
    #expect(printed.status == 2 && printed.notes.contains("fewer than two images"))
  }

  @Test func `a faulty manifest is not split`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("m.manifest", DataTests.line("a.jpg") + "hello\n")
    let printed = htrctl(["data", "split", path, "--to", "\(folder.path)/out"], home: folder.path)
    #expect(printed.status == 2 && printed.notes.contains("m.manifest:2:"))
    #expect(!Files.exists("\(folder.path)/out"))
  }

  @Test(arguments: ["0", "1", "-0.1", "x"]) func `an impossible share is refused`(share: String) throws {
    let printed = htrctl(["data", "split", "m", "--test=\(share)", "--to", "/tmp/x"], home: "/tmp")
    #expect(printed.status == 2)
  }
}

struct DataSynthesiseTests {
  @Test func `a folder in use is refused before anything is read`() throws {
    let folder = try ScratchFolder()
    try folder.write("mine", "x")
    let printed = htrctl(["data", "synthesise", "--to", folder.path, "--texts", "/nowhere"], home: folder.path)
    #expect(printed.status == 2 && printed.notes.contains("is not empty"))
  }

  @Test func `a folder without fonts is refused with the packages to install`() throws {
    let folder = try ScratchFolder()
    try Files.makeFolder("\(folder.path)/fonts")
    try folder.write("words.txt", "a word")
    let printed = htrctl(
      [
        "data", "synthesise", "--to", "\(folder.path)/set", "--fonts", "\(folder.path)/fonts", "--texts",
        "\(folder.path)/words.txt",
      ], home: folder.path)
    #expect(printed.status == 2 && printed.notes.contains("apt-get install fonts-breip"))
  }
}
