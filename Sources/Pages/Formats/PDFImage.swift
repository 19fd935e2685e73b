import ImageKit

/// A page's image as a PDF holds it: always a JPEG.
struct PDFImage {
  let bytes: [UInt8]
  /// Entries of its dictionary, all but the length.
  let dictionary: String

  /// The file as it came where it is a JPEG that a PDF can hold, else the grey page encoded.
  init(of printed: PrintedPage) throws(PageFormatError) {
    let page = printed.page
    if let file = printed.imageFile,
      let parts = Self.components(of: file, width: page.width, height: page.height)
    {
      self.init(jpeg: file, width: page.width, height: page.height, components: parts)
      return
    }
    guard printed.image != nil || printed.imageFile != nil else {
      throw PageFormatError(.malformed, "a PDF holds the page's image: give it with the page", file: printed.source)
    }
    do throws(ImageFault) {
      let grey: GreyImage
      if let image = printed.image { grey = image } else { grey = try ImageDecoder.grey(printed.imageFile ?? []).image }
      self.init(
        jpeg: try ImageEncoder.jpeg(grey, quality: 85), width: grey.width, height: grey.height, components: 1)
    } catch {
      throw PageFormatError(.malformed, "the page's image cannot be put into a PDF: \(error)", file: printed.source)
    }
  }

  private init(jpeg: [UInt8], width: Int, height: Int, components: Int) {
    bytes = jpeg
    dictionary =
      "/Type /XObject /Subtype /Image /Width \(width) /Height \(height) /BitsPerComponent 8 /Filter /DCTDecode "
      + "/ColorSpace /Device\(components == 1 ? "Gray" : "RGB")"
  }

  /// 1 or 3 when a PDF can show this JPEG as it stands: upright, 8 bits, grey or in three colours. Its size must be the
  /// page's, else the words would lie elsewhere.
  private static func components(of file: [UInt8], width: Int, height: Int) -> Int? {
    // Bytes of another kind, or beyond the limits, are for the decoder to refuse.
    guard let header = try? ImageDecoder.header(of: file), header.format == .jpeg,
      header.orientation == 1,
      header.width == width, header.height == height
    else { return nil }
    var position = 2
    while position + 9 < file.count, file[position] == 0xFF {
      let marker = file[position + 1]
      if marker == 0xFF {
        position += 1
        continue
      }
      // The frame: baseline, extended or progressive; others are not for DCTDecode.
      if (0xC0...0xC2).contains(marker) {
        let count = Int(file[position + 9])
        return file[position + 4] == 8 && (count == 1 || count == 3) ? count : nil
      }
      if marker == 0xDA { return nil }
      position += 2 + Int(file[position + 2]) << 8 + Int(file[position + 3])
    }
    return nil
  }
}
