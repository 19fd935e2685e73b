import HostKit
import ImageKit

/// The pages of a PDF, each drawn when it is asked for by poppler's programs, in processes of their own.
struct PDFPages: PageImages {
  let count: Int
  /// In points (1/72 inch); 0 x 0 for a page that poppler does not find.
  private let sizes: [Size]
  private let file: PDFFile
  private let limits: DocumentLimits

  struct Size: Equatable {
    let width: Double
    let height: Double
  }

  init(path: String, limits: DocumentLimits) throws {
    // Absolute, so that it is no option of poppler's and does not depend on where poppler runs.
    guard let real = Files.realPath(path) else { throw SystemError("open", path) }
    try self.init(file: PDFFile(path: real), limits: limits)
  }

  init(bytes: [UInt8], limits: DocumentLimits) throws {
    try self.init(file: PDFFile(bytes: bytes), limits: limits)
  }

  private init(file: PDFFile, limits: DocumentLimits) throws {
    self.file = file
    self.limits = limits
    let outcome = try BoundedProgram(
      name: "pdfinfo", arguments: ["-f", "1", "-l", String(limits.maximumPages), file.path], folder: "/",
      seconds: limits.secondsPerPage
    ).run()
    guard outcome.hasSucceeded else { throw Self.fault(outcome.printed) }
    count = Self.count(in: outcome.printed)
    sizes = Self.sizes(in: outcome.printed)
    guard count >= 1 else { throw DocumentFault("the PDF has no pages") }
    guard count <= limits.maximumPages else {
      throw DocumentFault("the PDF has \(count) pages, the limit is \(limits.maximumPages); part it")
    }
  }

  func page(_ index: Int) throws -> DocumentPage {
    let folder = try PrivateFolder()
    let size = index < sizes.count ? sizes[index] : Size(width: 0, height: 0)
    let number = String(index + 1)
    let outcome = try BoundedProgram(
      name: "pdftoppm",
      arguments: [
        "-f", number, "-l", number, "-singlefile", "-gray", "-jpeg", "-jpegopt", "quality=92", "-r",
        String(resolution(for: size)), file.path, "\(folder.path)/page",
      ], folder: folder.path, seconds: limits.secondsPerPage
    ).run()
    let complaints = Self.complaints(in: outcome.printed)
    let drawing = "\(folder.path)/page.jpg"
    guard outcome.hasSucceeded, size.width > 0, size.height > 0, Files.exists(drawing) else {
      throw DocumentFault("page \(number) of the PDF cannot be drawn: \(complaints ?? "it is missing or damaged")")
    }
    let bytes = try Files.read(drawing, limit: limits.image.maximumBytes)
    let header = try ImageDecoder.header(of: bytes, limits: limits.image)
    if let complaints, try Self.isBlank(bytes) {
      throw DocumentFault("page \(number) of the PDF comes out blank: \(complaints)")
    }
    return DocumentPage(bytes: bytes, isJPEG: true, width: header.width, height: header.height)
  }

  /// Pixels per inch: as asked, or as many as keep the page within its limits.
  func resolution(for size: Size) -> Double {
    let asked = Double(limits.dotsPerInch)
    let inches = (width: size.width / 72, height: size.height / 72)
    guard inches.width > 0, inches.height > 0 else { return asked }
    let byArea = (Double(limits.maximumPixels) / (inches.width * inches.height)).squareRoot()
    let bySide = Double(limits.image.maximumSide) / max(inches.width, inches.height)
    // A little less, for poppler rounds sides up.
    return min(asked, 0.999 * min(byArea, bySide))
  }

  /// Damage that poppler complains of may leave a page with nothing on it: that is not an empty page.
  private static func isBlank(_ bytes: [UInt8]) throws -> Bool {
    try ImageDecoder.grey(bytes, shrinkTo: 1000).image.pixels.allSatisfy { $0 > 250 }
  }
}

extension PDFPages {
  static func count(in text: String) -> Int {
    text.split(separator: "\n").first { $0.hasPrefix("Pages:") }
      .flatMap { Int($0.dropFirst(6).drop { $0 == " " }) } ?? 0
  }

  /// From lines such as `Page    1 size:  595.28 x 841.89 pts (A4)`; a page on its side has its turned size.
  static func sizes(in text: String) -> [Size] {
    var sizes: [Size] = []
    for line in text.split(separator: "\n") where line.hasPrefix("Page ") {
      let words = line.split(separator: " ")
      if words.count >= 6, words[2] == "size:" {
        sizes.append(Size(width: Double(words[3]) ?? 0, height: Double(words[5]) ?? 0))
      } else if words.count == 4, words[2] == "rot:", ["90", "270"].contains(words[3]), let last = sizes.popLast() {
        sizes.append(Size(width: last.height, height: last.width))
      }
    }
    return sizes
  }

  static func fault(_ printed: String) -> DocumentFault {
    if printed.contains("Incorrect password") {
      return DocumentFault("the PDF is encrypted; save it without a password")
    }
    return DocumentFault("the PDF cannot be opened: \(complaints(in: printed) ?? "poppler does not say why")")
  }

  /// The first things that poppler says of damage, in one line.
  static func complaints(in printed: String) -> String? {
    var lines: [Substring] = []
    for line in printed.split(separator: "\n") where line.contains("Error") || line.hasPrefix("Bogus memory") {
      if !lines.contains(line), lines.count < 3 { lines.append(line.prefix(200)) }
    }
    return lines.isEmpty ? nil : lines.joined(separator: "; ")
  }
}
