import Glibc
import HostKit
import ImageKit
import Testing

@testable import Documents

/// With poppler's real programs.
@Suite(.timeLimit(.minutes(1)), .enabled(if: access("/usr/bin/pdftoppm", X_OK) == 0, "poppler-utils is not installed"))
struct PDFTests {
  @Test func `every page of a PDF is drawn at the resolution asked for`() throws {
    var limits = DocumentLimits()
    limits.dotsPerInch = 144
    let document = try Document.open(
      bytes: DocumentFiles.pdf([.drawing(DocumentFiles.bar), .sized(300, 300)]), limits: limits)
    #expect(document.kind == .pdf && document.pageCount == 2)
    let (first, second) = (try document.page(0), try document.page(1))
    #expect(first.isJPEG && first.width == 400 && first.height == 200)
    #expect(second.width == 600 && second.height == 600)
    let image = try DocumentTests.pixels(first)
    #expect(image[100, 120] < 20 && image[300, 20] > 235)
  }

  @Test func `a PDF is read from a path as from bytes`() throws {
    let path = "/tmp/htr documents-\(Identifier.random(bytes: 6)).pdf"
    defer { unlink(path) }
    try Files.write(DocumentFiles.pdf([.drawing(DocumentFiles.bar)]), to: path, durable: false)
    let document = try Document.open(path: path)
    #expect(try document.page(0).width == 556)
  }

  @Test func `a page that is missing is its own fault, and the others are drawn`() throws {
    let pages: [DocumentFiles.PDFPage] = [.drawing(DocumentFiles.bar), .notAnObject, .drawing(DocumentFiles.bar)]
    let document = try Document.open(bytes: DocumentFiles.pdf(pages))
    let faults = (0..<document.pageCount).map { index in DocumentTests.fault { try document.page(index) } }
    #expect(document.pageCount == 3 && faults.count { $0.isEmpty } == 2)
    #expect(faults.contains { $0.contains("cannot be drawn: Syntax Error: Kid object (page 2)") })
  }

  @Test func `a page that damage leaves blank is a fault, an empty page is none`() throws {
    let document = try Document.open(bytes: DocumentFiles.pdf([.drawing("garbage ( [ << q"), .drawing("")]))
    #expect(DocumentTests.fault { try document.page(0) }.contains("comes out blank: Syntax Error"))
    #expect(try DocumentTests.pixels(document.page(1)).pixels.allSatisfy { $0 == 255 })
  }

  @Test func `a giant page is drawn coarser, within the limit`() throws {
    var limits = DocumentLimits()
    limits.maximumPixels = 1_000_000
    let document = try Document.open(bytes: DocumentFiles.pdf([.sized(14_400, 7_200)]), limits: limits)
    let page = try document.page(0)
    #expect((900_000...1_000_000).contains(page.width * page.height))
  }

  @Test(arguments: [0.5, 0.1]) func `a PDF cut short is refused with poppler's reason`(share: Double) {
    let whole = DocumentFiles.pdf([.drawing(DocumentFiles.bar)])
    let cut = Array(whole.prefix(Int(Double(whole.count) * share)))
    #expect(DocumentTests.fault { try Document.open(bytes: cut) }.contains("cannot be opened: Syntax Error"))
  }

  @Test func `an encrypted PDF is refused with what helps`() {
    let fault = DocumentTests.fault { try Document.open(bytes: DocumentFiles.encryptedPDF) }
    #expect(fault == "the PDF is encrypted; save it without a password")
  }

  @Test func `a PDF of too many pages is refused`() {
    var limits = DocumentLimits()
    limits.maximumPages = 2
    let bytes = DocumentFiles.pdf(Array(repeating: .drawing(""), count: 3))
    #expect(DocumentTests.fault { try Document.open(bytes: bytes, limits: limits) }.contains("3 pages, the limit is 2"))
  }

  @Test func `a page on its side has its turned size`() {
    let text =
      "Pages:   2\nPage    1 size:  200 x 100 pts\nPage    1 rot:   90\nPage    2 size:  595.28 x 841.89 pts (A4)\n"
    #expect(PDFPages.count(in: text) == 2)
    #expect(PDFPages.sizes(in: text) == [.init(width: 100, height: 200), .init(width: 595.28, height: 841.89)])
  }
}

@Suite(.timeLimit(.minutes(1)))
struct BoundedProgramTests {
  func shell(_ script: String) -> BoundedProgram {
    BoundedProgram(name: "sh", arguments: ["-c", script], folder: "/tmp", seconds: 20)
  }

  @Test func `a program that does not end is ended`() {
    var program = shell("sleep 600")
    program.seconds = 1
    #expect(DocumentTests.fault { try program.run() } == "sh takes longer than 1 s")
  }

  @Test func `a program that prints without end is ended`() {
    var program = shell("while :; do echo all work and no play; done")
    program.maximumPrinted = 100_000
    #expect(DocumentTests.fault { try program.run() } == "sh prints more than 100000 bytes about it")
  }

  @Test func `a program cannot write more than its limit`() throws {
    let path = "/tmp/htr-documents-\(Identifier.random(bytes: 6))"
    defer { unlink(path) }
    var program = shell("exec head -c 1000000 /dev/zero > \(path)")
    program.maximumFile = 4096
    #expect(try !program.run().hasSucceeded)
    #expect(try Files.status(path)?.size == 4096)
  }

  @Test func `a program that is missing is told with the package to install`() {
    let program = BoundedProgram(name: "pdfnothing", arguments: [], folder: "/tmp", seconds: 1)
    #expect(DocumentTests.fault { try program.run() }.contains("not installed: install poppler-utils"))
  }
}
