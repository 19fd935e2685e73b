import CTIFF
import ImageKit
import Testing

@testable import Documents

@Suite(.timeLimit(.minutes(1)))
struct TIFFTests {
  @Test(arguments: [
    COMPRESSION_NONE, COMPRESSION_LZW, COMPRESSION_ADOBE_DEFLATE, COMPRESSION_JPEG, COMPRESSION_CCITTFAX4,
  ])
  func `every usual compression is read`(compression: Int32) throws {
    let document = try Document.open(bytes: try DocumentFiles.tiff([.init(compression: compression)]))
    let page = try document.page(0)
    #expect(document.kind == .tiff && page.isJPEG && page.width == 60 && page.height == 40)
    let image = try DocumentTests.pixels(page)
    #expect(image[3, 3] < 30 && image[50, 3] > 225 && image[3, 30] > 225)
  }

  @Test func `the pages come one by one, each with its own size`() throws {
    let pages = [20, 30, 40].map { DocumentFiles.TIFFPage(image: DocumentFiles.picture($0, 20)) }
    let document = try Document.open(bytes: try DocumentFiles.tiff(pages))
    #expect(try (0..<document.pageCount).map { try document.page($0).width } == [20, 30, 40])
  }

  /// The corner in which the dark bar's corner comes to lie, and whether width and height change places.
  @Test(
    arguments: [
      (1, false, false, false), (2, true, false, false), (3, true, true, false), (4, false, true, false),
      (5, false, false, true), (6, true, false, true), (7, true, true, true), (8, false, true, true),
    ] as [(UInt16, Bool, Bool, Bool)])
  func `every orientation is made upright`(orientation: UInt16, isRight: Bool, isBottom: Bool, swaps: Bool) throws {
    let bytes = try DocumentFiles.tiff([.init(compression: COMPRESSION_NONE, orientation: orientation)])
    let page = try Document.open(bytes: bytes).page(0)
    #expect(page.width == (swaps ? 40 : 60) && page.height == (swaps ? 60 : 40))
    let image = try DocumentTests.pixels(page)
    for (right, bottom) in [(false, false), (true, false), (false, true), (true, true)] {
      let shade = image[right ? page.width - 3 : 2, bottom ? page.height - 3 : 2]
      #expect((shade < 128) == (right == isRight && bottom == isBottom))
    }
  }

  @Test func `a page whose pixels are cut off is a fault of that page`() throws {
    let pages = [20, 30].map {
      DocumentFiles.TIFFPage(image: DocumentFiles.picture($0, 20), compression: COMPRESSION_NONE)
    }
    var bytes = try DocumentFiles.tiff(pages)
    // The strip's offset in the second directory is made to point behind the end.
    let second = try Self.directories(of: bytes)[1]
    try Self.setTag(273, of: second, to: 0x00FF_FFFF, in: &bytes)
    let document = try Document.open(bytes: bytes)
    #expect(try document.page(0).width == 20)
    #expect(DocumentTests.fault { try document.page(1) }.contains("TIFF page is damaged"))
  }

  @Test func `a page of too many pixels is refused before memory is spent`() throws {
    var bytes = try DocumentFiles.tiff([.init(compression: COMPRESSION_NONE)])
    let directory = try Self.directories(of: bytes)[0]
    try Self.setTag(256, of: directory, to: 60_000, in: &bytes)
    try Self.setTag(257, of: directory, to: 60_000, in: &bytes)
    let document = try Document.open(bytes: bytes)
    #expect(DocumentTests.fault { try document.page(0) }.contains("60000 x 60000 pixels, the limit is 64000000"))
  }

  @Test func `directories that form a loop end`() throws {
    var bytes = try DocumentFiles.tiff([.init(), .init()])
    let places = try Self.directories(of: bytes)
    let link = places[1] + 2 + 12 * Self.number(bytes, places[1], 2)
    Self.write(places[0], at: link, in: &bytes)
    let document = try Document.open(bytes: bytes)
    #expect(document.pageCount == 2)
    #expect(try document.page(1).width == 60)
  }

  @Test func `a TIFF file cut short gives a fault, never a crash`() throws {
    let whole = try DocumentFiles.tiff([.init(), .init(compression: COMPRESSION_CCITTFAX4)])
    for length in stride(from: 4, to: whole.count, by: 7) {
      let cut = Array(whole.prefix(length))
      guard let document = try? Document.open(bytes: cut) else { continue }
      for index in 0..<document.pageCount { _ = try? document.page(index) }
    }
  }

  @Test func `a TIFF file with changed bytes gives a fault or a page, never a crash`() throws {
    let whole = try DocumentFiles.tiff([.init(compression: COMPRESSION_ADOBE_DEFLATE), .init()])
    var limits = DocumentLimits()
    limits.maximumPixels = 1_000_000
    for place in 4..<whole.count {
      var bytes = whole
      bytes[place] ^= 0xFF
      guard let document = try? Document.open(bytes: bytes, limits: limits) else { continue }
      for index in 0..<min(document.pageCount, 4) { _ = try? document.page(index) }
    }
  }

  // MARK: The file's own structure (little endian, as libtiff writes here)

  static func number(_ bytes: [UInt8], _ place: Int, _ count: Int) -> Int {
    (0..<count).reduce(0) { $0 | Int(bytes[place + $1]) << (8 * $1) }
  }

  static func write(_ value: Int, at place: Int, in bytes: inout [UInt8]) {
    for index in 0..<4 { bytes[place + index] = UInt8(truncatingIfNeeded: value >> (8 * index)) }
  }

  static func directories(of bytes: [UInt8]) throws -> [Int] {
    var places: [Int] = []
    var place = number(bytes, 4, 4)
    while place != 0, places.count < 10 {
      places.append(place)
      place = number(bytes, place + 2 + 12 * number(bytes, place, 2), 4)
    }
    return places
  }

  /// As a 32-bit number.
  static func setTag(_ tag: Int, of directory: Int, to value: Int, in bytes: inout [UInt8]) throws {
    let entries = (0..<number(bytes, directory, 2)).map { directory + 2 + 12 * $0 }
    let entry = try #require(entries.first { number(bytes, $0, 2) == tag })
    bytes[entry + 2] = 4
    write(1, at: entry + 4, in: &bytes)
    write(value, at: entry + 8, in: &bytes)
  }
}
