import Client
import Documents
import Glibc
import Handwriting
import HostKit
import ImageKit
import JSONKit
import Pages
import Testing

@testable import Commands

/// What `htrctl read` writes, where, and how it goes on.
@Suite(.timeLimit(.minutes(1)))
struct ReadOutputTests {
  let folder: ScratchFolder
  let worker: FakeDaemon
  var path: String { folder.path }

  init() throws {
    folder = try ScratchFolder()
    worker = try ReadingFixtures.pageWorker(folder)
  }

  func read(_ arguments: String...) -> Printed {
    ReadingFixtures.read(arguments + ["--page-endpoint", worker.address], folder)
  }

  func text(_ name: String) throws -> String { try Files.readText("\(path)/\(name)") }

  func scans(_ count: Int) throws -> String {
    for number in 1...count { try ReadingFixtures.page(folder, "scans/\(number).jpg", width: 100 + number) }
    return "\(path)/scans"
  }

  @Test(arguments: PageFormat.allCases) func `every format is written to a file, which appears whole`(
    format: PageFormat
  ) throws {
    defer { worker.stop() }
    let page = try ReadingFixtures.page(folder, "a.jpg", width: 120)
    let file = "\(path)/out.\(format.fileExtension)"
    let printed = read(page, "--format", format.rawValue, "--output", file)
    #expect(printed.status == 0 && printed.output.isEmpty)
    let bytes = try Files.read(file)
    #expect(!bytes.isEmpty)
    if format == .pdf {
      #expect(bytes.starts(with: Array("%PDF".utf8)))
    } else {
      #expect(String(decoding: bytes, as: UTF8.self).contains("120"))
    }
    #expect(try Files.names(in: path).filter { $0.contains(".tmp-") } == [])
  }

  @Test func `a folder gets a file for each page, placed and named as the pages are`() throws {
    defer { worker.stop() }
    for (name, width) in [("1.jpg", 101), ("1.png", 102), ("sub/2.JPG", 103), ("notes.txt", 104), (".hidden.jpg", 105)]
    {
      try ReadingFixtures.page(folder, "scans/\(name)", width: width)
    }
    let printed = read("\(path)/scans", "--output", "\(path)/out/")
    #expect(printed.status == 0)
    #expect(try Files.names(in: "\(path)/out") == ["1.png.txt", "1.txt", "sub"])
    #expect(try text("out/1.txt") == "wide 101\n" && text("out/1.png.txt") == "wide 102\n")
    #expect(try text("out/sub/2.txt") == "wide 103\n")
  }

  @Test(.enabled(if: access("/usr/bin/pdftoppm", X_OK) == 0, "poppler-utils is not installed"))
  func `the pages of a PDF are counted in names, sources and messages`() throws {
    defer { worker.stop() }
    try Files.write(Self.twoPagePDF, to: "\(path)/book.pdf", durable: false)
    let toFolder = read("\(path)/book.pdf", "--output", "\(path)/out/", "--dpi", "72")
    #expect(toFolder.status == 0 && toFolder.notes.contains("book.pdf page 2: 2 words"))
    #expect(try Files.names(in: "\(path)/out") == ["book-p0001.txt", "book-p0002.txt"])
    let lines = try read("\(path)/book.pdf", "--format", "json", "--dpi", "72").output.split(separator: "\n")
      .map { try JSON(parsing: String($0)) }
    #expect(lines.map { $0["source"]?.string } == ["\(path)/book.pdf#page=1", "\(path)/book.pdf#page=2"])
    #expect(lines.map { $0["width"]?.integer } == [200, 150])
    let alto = read("\(path)/book.pdf", "--format", "alto")
    #expect(alto.status == 2 && alto.notes.contains("book.pdf has 2 pages"))
  }

  @Test(.enabled(if: access("/usr/bin/pdftoppm", X_OK) == 0, "poppler-utils is not installed"))
  func `a manifest names images that are there, and can be trained with`() throws {
    defer { worker.stop() }
    let scan = try ReadingFixtures.page(folder, "a.jpg", width: 120)
    try Files.write(Self.twoPagePDF, to: "\(path)/book.pdf", durable: false)
    let printed = read(scan, "\(path)/book.pdf", "--format", "manifest", "--output", "\(path)/read.manifest")
    #expect(printed.status == 0)
    let pages = try Manifest.read("\(path)/read.manifest").pages
    let sources = ["a.jpg", "read.manifest-pages/book-p0001.jpg", "read.manifest-pages/book-p0002.jpg"]
    #expect(pages.map(\.source) == sources)
    #expect(pages.allSatisfy { Files.exists("\(path)/\($0.source)") })
    #expect(pages[0].words.map(\.text) == ["wide", "120"] && pages[0].words[0].polygon.count == 4)
    let toScreen = read("\(path)/book.pdf", "--format", "manifest")
    #expect(toScreen.status == 2 && toScreen.notes.contains("Give --output"))
  }

  @Test func `with resume the pages of a folder that are there are left out`() throws {
    defer { worker.stop() }
    let scans = try scans(3)
    #expect(read(scans, "--output", "\(path)/out/").status == 0)
    try Files.remove("\(path)/out/2.txt")
    let printed = read(scans, "--output", "\(path)/out/", "--resume")
    #expect(printed.status == 0 && printed.notes.contains("pages: 1 read, 2 read before"))
    #expect(worker.invocations.count == 4)
    #expect(try text("out/2.txt") == "wide 102\n")
  }

  @Test(arguments: ["json", "manifest"])
  func `with resume a file of lines goes on after its last whole line`(format: String) throws {
    defer { worker.stop() }
    let scans = try scans(3)
    let file = "\(path)/out.\(format)"
    #expect(read(scans, "--format", format, "--output", file).status == 0)
    let whole = try Files.read(file)
    let second = try #require(whole.split(separator: 10).dropFirst().first)
    try Files.write(Array(whole.prefix(second.startIndex + 20)), to: file, durable: false)
    let printed = read(scans, "--format", format, "--output", file, "--resume")
    #expect(printed.status == 0 && worker.invocations.count == 5)
    #expect(try Files.read(file) == whole)
  }

  @Test func `a file of something else is not gone on with`() throws {
    defer { worker.stop() }
    let scans = try scans(1)
    try folder.write("mine.json", "my own words\n")
    let printed = read(scans, "--format", "json", "--output", "\(path)/mine.json", "--resume")
    #expect(printed.status == 2 && printed.notes.contains("line 1 is no page that `htrctl read` has written"))
    #expect(try text("mine.json") == "my own words\n")
    let pdf = read(scans, "--format", "pdf", "--output", "\(path)/a.pdf", "--resume")
    #expect(pdf.status == 2 && pdf.notes.contains("cannot be gone on with"))
  }

  @Test func `overlays are drawn beside, as SVG or PNG`() throws {
    defer { worker.stop() }
    let scans = try scans(2)
    #expect(read(scans, "--overlay", "\(path)/drawn").status == 0)
    #expect(try Files.names(in: "\(path)/drawn") == ["1.svg", "2.svg"])
    #expect(try text("drawn/1.svg").contains("101"))
    #expect(read("\(scans)/1.jpg", "--overlay", "\(path)/one.png").status == 0)
    #expect(try ImageDecoder.header(of: Files.read("\(path)/one.png")).format == .png)
    let crowded = read(scans, "--overlay", "\(path)/both.svg")
    #expect(crowded.status == 2 && crowded.notes.contains("there is more than one page"))
  }

  @Test func `what is not there, or holds no pages, is refused before anything is read`() throws {
    defer { worker.stop() }
    try Files.makeFolder("\(path)/empty")
    let missing = read("\(path)/nothing.jpg")
    #expect(missing.status == 2 && missing.notes.contains("there is no such file or folder"))
    let empty = read("\(path)/empty")
    #expect(empty.status == 2 && empty.notes.contains("the folder has no pages"))
    #expect(worker.invocations.isEmpty)
  }

  @Test func `nothing is written for a run without a page`() throws {
    defer { worker.stop() }
    try folder.write("torn.jpg", "\u{FF}")
    let printed = read("\(path)/torn.jpg", "--output", "\(path)/out.txt")
    #expect(printed.status == 1 && !Files.exists("\(path)/out.txt"))
    #expect(try Files.names(in: path).filter { $0.contains(".tmp-") } == [])
  }

  @Test func `progress tells pages, rate and time left`() {
    #expect(ReadingProgress.line(12, of: 40, after: .seconds(6)) == "12 of 40 pages, 2 pages/s, 14 s left")
    #expect(ReadingProgress.line(0, of: 40, after: .zero) == "0 of 40 pages")
  }

  @Test(
    arguments: [
      ("unix:/run/x.sock", "unix:/run/x.sock"), ("unix:///run/x.sock", "unix:/run/x.sock"),
      ("http://127.0.0.1:8080/", "http://127.0.0.1:8080"), ("http://[::1]:80", "http://[::1]:80"),
      ("unix:x.sock", nil), ("https://a", nil), ("http://", nil), ("http://a/b", nil), ("http://u@a", nil), ("", nil),
    ] as [(String, String?)])
  func `an address is a Unix socket or a host with a port`(text: String, address: String?) {
    #expect(WorkerAddress(text)?.description == address)
  }

  /// Pages of 200 x 100 and 150 x 100 points.
  static let twoPagePDF = Array(
    """
    %PDF-1.4
    1 0 obj
    <</Type/Catalog/Pages 2 0 R>>
    endobj
    2 0 obj
    <</Type/Pages/Kids[3 0 R 4 0 R]/Count 2>>
    endobj
    3 0 obj
    <</Type/Page/Parent 2 0 R/MediaBox[0 0 200 100]>>
    endobj
    4 0 obj
    <</Type/Page/Parent 2 0 R/MediaBox[0 0 150 100]>>
    endobj
    trailer
    <</Root 1 0 R>>
    %%EOF

    """.utf8)
}
