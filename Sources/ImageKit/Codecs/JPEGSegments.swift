/// Walks the segments in front of a JPEG's pixels for what TurboJPEG does not tell.
enum JPEGSegments {
  /// EXIF's orientation, 1 when there is none: an unreadable note is no reason to refuse a readable picture.
  static func orientation(of bytes: [UInt8]) -> Int {
    var position = 2
    while position + 4 <= bytes.count, bytes[position] == 0xFF {
      let marker = bytes[position + 1]
      if marker == 0xFF {  // a fill byte
        position += 1
        continue
      }
      if marker == 0xDA || marker == 0xD9 { return 1 }
      let length = Int(bytes[position + 2]) << 8 | Int(bytes[position + 3])
      let end = position + 2 + length
      guard length >= 2, end <= bytes.count else { return 1 }
      let body = bytes[(position + 4)..<end]
      if marker == 0xE1, body.starts(with: exifName), let found = Exif.orientation(in: body.dropFirst(6)) {
        return found
      }
      position = end
    }
    return 1
  }

  /// "Exif", 0, 0
  private static let exifName: [UInt8] = [0x45, 0x78, 0x69, 0x66, 0, 0]
}
