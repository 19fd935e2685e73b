import CTIFF
import Glibc
import HostKit
import ImageKit
import Testing

/// Documents that the tests make.
enum DocumentFiles {
  /// White with a black bar from the left edge, so that turned pages can be told apart.
  static func picture(_ width: Int, _ height: Int) -> GreyImage {
    var image = GreyImage(width: width, height: height)
    for y in 0..<(height / 4) { for x in 0..<(width / 2) { image[x, y] = 0 } }
    return image
  }

  // MARK: PDF

  enum PDFPage {
    case drawing(String)
    case notAnObject
    /// Sides in points.
    case sized(Int, Int)
  }

  static let bar = "0 0 0 rg 20 20 100 40 re f"

  static func pdf(_ pages: [PDFPage], trailer: String = "", more: [String] = []) -> [UInt8] {
    let kids = pages.indices.map { "\(3 + 2 * $0) 0 R" }.joined(separator: " ")
    var objects = ["<</Type/Catalog/Pages 2 0 R>>", "<</Type/Pages/Kids[\(kids)]/Count \(pages.count)>>"]
    for (index, page) in pages.enumerated() {
      var (box, drawing) = ("0 0 200 100", bar)
      if case .drawing(let text) = page { drawing = text }
      if case .sized(let width, let height) = page { box = "0 0 \(width) \(height)" }
      let entry = "<</Type/Page/Parent 2 0 R/MediaBox[\(box)]/Contents \(4 + 2 * index) 0 R>>"
      if case .notAnObject = page { objects.append("(no page)") } else { objects.append(entry) }
      objects.append("<</Length \(drawing.utf8.count)>>stream\n\(drawing)\nendstream")
    }
    objects += more
    var text = "%PDF-1.4\n"
    var table = "xref\n0 \(objects.count + 1)\n0000000000 65535 f \n"
    for (index, object) in objects.enumerated() {
      let offset = String(text.utf8.count)
      table += String(repeating: "0", count: 10 - offset.count) + offset + " 00000 n \n"
      text += "\(index + 1) 0 obj\n\(object)\nendobj\n"
    }
    let start = text.utf8.count
    text += table + "trailer<</Size \(objects.count + 1)/Root 1 0 R\(trailer)>>\nstartxref\n\(start)\n%%EOF\n"
    return Array(text.utf8)
  }

  /// Locked by a password that nobody knows.
  static var encryptedPDF: [UInt8] {
    let noise = "<" + String(repeating: "5A", count: 32) + ">"
    let lock = "<</Filter/Standard/V 1/R 2/O \(noise)/U \(noise)/P -4>>"
    return pdf([.drawing(bar)], trailer: "/Encrypt 5 0 R/ID[<00><00>]", more: [lock])
  }

  // MARK: TIFF

  struct TIFFPage {
    var image = DocumentFiles.picture(60, 40)
    var compression = COMPRESSION_LZW
    var orientation: UInt16 = 1
  }

  /// Written by libtiff itself.
  static func tiff(_ pages: [TIFFPage]) throws -> [UInt8] {
    let path = "/tmp/htr-documents-\(Identifier.random(bytes: 6)).tif"
    defer { unlink(path) }
    let file = try #require(TIFFOpen(path, "w"))
    for page in pages {
      let isBilevel = page.compression == COMPRESSION_CCITTFAX4
      set(file, TIFFTAG_IMAGEWIDTH, page.image.width)
      set(file, TIFFTAG_IMAGELENGTH, page.image.height)
      set(file, TIFFTAG_BITSPERSAMPLE, isBilevel ? 1 : 8)
      set(file, TIFFTAG_SAMPLESPERPIXEL, 1)
      set(file, TIFFTAG_PHOTOMETRIC, Int(isBilevel ? PHOTOMETRIC_MINISWHITE : PHOTOMETRIC_MINISBLACK))
      set(file, TIFFTAG_COMPRESSION, Int(page.compression))
      set(file, TIFFTAG_ORIENTATION, Int(page.orientation))
      set(file, TIFFTAG_ROWSPERSTRIP, 16)
      for y in 0..<page.image.height {
        var row = page.image.pixels[(y * page.image.width)..<((y + 1) * page.image.width)].map { $0 }
        if isBilevel { row = packed(row) }
        try #require(TIFFWriteScanline(file, &row, UInt32(y), 0) == 1)
      }
      try #require(TIFFWriteDirectory(file) == 1)
    }
    TIFFClose(file)
    return try Files.read(path)
  }

  private static func set(_ file: OpaquePointer, _ tag: Int32, _ value: Int) {
    _ = withVaList([value]) { TIFFVSetField(file, UInt32(tag), $0) }
  }

  /// Eight dark-or-light pixels a byte, the first in the highest bit.
  private static func packed(_ row: [UInt8]) -> [UInt8] {
    stride(from: 0, to: row.count, by: 8).map { start in
      (0..<8).reduce(UInt8(0)) { byte, bit in
        byte << 1 | (start + bit < row.count && row[start + bit] < 128 ? 1 : 0)
      }
    }
  }
}
