import HostKit
import ImageKit
import Testing

@testable import Commands

struct DataShowTests {
  /// A manifest of pages a.png, b.png ..., each with one word.
  static func manifest(_ folder: ScratchFolder, pages: Int) throws -> String {
    let names = (0..<pages).map { "page\($0).png" }
    for name in names { try DataTests.image(folder, name) }
    return try folder.write("m.manifest", names.map { DataTests.line($0, text: "word\($0.count)") }.joined())
  }

  @Test func `pages become one HTML file and a PNG each`() throws {
    let folder = try ScratchFolder()
    let path = try Self.manifest(folder, pages: 3)
    let html = "\(folder.path)/show.html"
    let printed = htrctl(["data", "show", path, "--html", html, "--png", "\(folder.path)/png"], home: folder.path)
    #expect(printed.status == 0)
    #expect(printed.output.contains("show.html: 3 pages, ") && printed.output.contains("png: 3 PNG files"))
    let text = try Files.readText(html)
    #expect(text.split(separator: #"class="page">"#).count == 4 && text.contains(#"id="image-2">"#))
    #expect(
      try Files.names(in: "\(folder.path)/png") == ["0001-page0.png", "0002-page1.png", "0003-page2.png"])
    let picture = try ImageDecoder.grey(Files.read("\(folder.path)/png/0001-page0.png")).image
    #expect(picture.width == 20 && picture.height >= 10)
  }

  @Test func `a limit is told in the report and on the terminal`() throws {
    let folder = try ScratchFolder()
    let path = try Self.manifest(folder, pages: 3)
    let html = "\(folder.path)/show.html"
    let printed = htrctl(["data", "show", path, "--html", html, "--limit", "2"], home: folder.path)
    #expect(printed.status == 0 && printed.notes.contains("2 of 3 pages"))
    let text = try Files.readText(html)
    #expect(text.contains("2 of 3 pages; --limit shows more") && text.split(separator: #"class="page">"#).count == 3)
  }

  @Test func `a sample is the same for the same seed, and in order`() {
    let one = DataShowCommand.choice(of: 5, from: 100, seed: 7)
    #expect(one.count == 5 && one == one.sorted() && one == DataShowCommand.choice(of: 5, from: 100, seed: 7))
    #expect(one != DataShowCommand.choice(of: 5, from: 100, seed: 8))
    #expect(DataShowCommand.choice(of: 2, from: 100, seed: nil) == [0, 1])
    #expect(DataShowCommand.choice(of: 9, from: 3, seed: 1) == [0, 1, 2])
  }

  @Test func `an image that cannot be seen leaves its words`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write(
      "m.manifest", DataTests.line("gone.png") + DataTests.line("s3://bucket/a.png") + "hello\n")
    let html = "\(folder.path)/show.html"
    let printed = htrctl(["data", "show", path, "--html", html], home: folder.path)
    #expect(printed.status == 0)
    #expect(printed.notes.contains("gone.png: No such file") && printed.notes.contains("the image is in a bucket"))
    #expect(printed.notes.contains("1 line cannot be used"))
    #expect(try Files.readText(html).contains("\"trouble\":\"No such file or directory\""))
  }

  @Test(arguments: [
    ["--limit", "0"], ["--max-side", "99999"], ["--html", ""],
  ])
  func `impossible wishes are refused`(options: [String]) {
    #expect(htrctl(["data", "show", "m"] + options, home: "/tmp").status == 2)
  }

  @Test func `a manifest without a page is refused`() throws {
    let folder = try ScratchFolder()
    let path = try folder.write("m.manifest", "hello\n")
    let printed = htrctl(["data", "show", path, "--html", "\(folder.path)/x.html"], home: folder.path)
    #expect(printed.status == 2 && printed.notes.contains("no line of it can be used"))
    #expect(!Files.exists("\(folder.path)/x.html"))
  }

  @Test(arguments: [
    ("images/a b.jpg", "a_b"), ("s3://bucket/ü.png", "ü"), ("../../.hidden", ""), ("x/a\u{1B}[0m.jpg", "a__0m"),
  ])
  func `a picture is named after its page in plain characters`(source: String, name: String) {
    #expect(DataShowCommand.fileName(source) == name)
  }
}
