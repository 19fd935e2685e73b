/// Walks a PNG's chunks: each is a length, a name of four letters, the body and a checksum.
enum PNGChunks {
  static let signature: [UInt8] = [0x89, 0x50, 0x4E, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

  /// From the first chunk alone, and the orientation from an `eXIf` chunk, if any; nothing is inflated.
  static func header(of bytes: [UInt8]) throws(ImageFault) -> ImageHeader {
    guard bytes.count >= 33, number(bytes, 8) == 13, name(bytes, 12) == "IHDR" else {
      throw .damaged(format: .png, reason: "its header is missing or cut short")
    }
    let (width, height) = (number(bytes, 16), number(bytes, 20))
    guard width > 0, height > 0 else {
      throw .damaged(format: .png, reason: "its sides are \(width) x \(height) pixels")
    }
    return ImageHeader(
      format: .png, storedWidth: width, storedHeight: height, orientation: orientation(of: bytes))
  }

  private static func orientation(of bytes: [UInt8]) -> Int {
    var position = signature.count
    while position + 12 <= bytes.count {
      let length = number(bytes, position)
      let body = position + 8
      guard length <= bytes.count - body - 4 else { return 1 }
      if name(bytes, position + 4) == "eXIf" {
        return Exif.orientation(in: bytes[body..<(body + length)]) ?? 1
      }
      position = body + length + 4
    }
    return 1
  }

  private static func number(_ bytes: [UInt8], _ position: Int) -> Int {
    bytes[position..<(position + 4)].reduce(0) { $0 << 8 | Int($1) }
  }

  private static func name(_ bytes: [UInt8], _ position: Int) -> String {
    String(decoding: bytes[position..<(position + 4)], as: UTF8.self)
  }
}
