import Glibc
import HostKit
import ImageKit
import Testing

@testable import Documents

@Suite(.timeLimit(.minutes(1)))
struct DocumentTests {
  static func fault(_ work: () throws -> some Any) -> String {
    do {
      _ = try work()
      return ""
    } catch { return "\(error)" }
  }

  static func pixels(_ page: DocumentPage) throws -> GreyImage { try ImageDecoder.grey(page.bytes).image }

  @Test func `a JPEG and a PNG are one page whose bytes stay as they are`() throws {
    let image = DocumentFiles.picture(40, 20)
    for (bytes, kind) in [
      (try ImageEncoder.jpeg(image), Document.Kind.jpeg), (try ImageEncoder.png(image), Document.Kind.png),
    ] {
      let document = try Document.open(bytes: bytes)
      #expect(document.kind == kind && document.pageCount == 1)
      let page = try document.page(0)
      #expect(page == DocumentPage(bytes: bytes, isJPEG: kind == .jpeg, width: 40, height: 20))
    }
  }

  @Test func `what a file is its bytes tell, whatever it is called`() throws {
    let path = "/tmp/htr-documents-\(Identifier.random(bytes: 6)).pdf"
    defer { unlink(path) }
    try Files.write(try ImageEncoder.png(DocumentFiles.picture(8, 8)), to: path, durable: false)
    #expect(try Document.open(path: path).kind == .png)
  }

  @Test(
    arguments: [
      ([], "the file is empty"), (Array("hello, no document".utf8), "neither JPEG, PNG, TIFF nor PDF"),
      ([0x49, 0x49, 42, 0], "TIFF file is damaged"),
    ] as [([UInt8], String)])
  func `what is no document is refused with the reason`(bytes: [UInt8], reason: String) {
    #expect(Self.fault { try Document.open(bytes: bytes) }.contains(reason))
  }

  @Test func `a folder and a missing file are told`() {
    #expect(Self.fault { try Document.open(path: "/tmp") }.contains("it is a folder"))
    #expect(Self.fault { try Document.open(path: "/nowhere.pdf") }.contains("No such file"))
  }

  @Test func `a JPEG of 20,000 x 20,000 pixels is refused by its header`() throws {
    var bytes = try ImageEncoder.jpeg(DocumentFiles.picture(16, 16))
    let frame = try #require(bytes.indices.first { bytes[$0...].starts(with: [0xFF, 0xC0]) })
    bytes.replaceSubrange((frame + 5)..<(frame + 9), with: [0x4E, 0x20, 0x4E, 0x20])
    let document = try Document.open(bytes: bytes)
    #expect(Self.fault { try document.page(0) }.contains("400000000 pixels, the limit is 100000000"))
  }

  @Test func `a page beyond the last is told`() throws {
    let document = try Document.open(bytes: try ImageEncoder.png(DocumentFiles.picture(8, 8)))
    #expect(Self.fault { try document.page(1) } == "there is no page 2: it has 1")
  }

  @Test func `a document above its limit of bytes is refused`() throws {
    var limits = DocumentLimits()
    limits.maximumBytes = 10
    let bytes = try ImageEncoder.png(DocumentFiles.picture(8, 8))
    #expect(Self.fault { try Document.open(bytes: bytes, limits: limits) }.contains("larger than 10 bytes"))
  }
}
