/// The one field of EXIF (a TIFF directory) that changes how an image is read.
enum Exif {
  /// - Parameter bytes: from TIFF's byte-order mark on.
  /// - Returns: 1...8, or nil when the field is missing or makes no sense.
  static func orientation(in bytes: ArraySlice<UInt8>) -> Int? {
    let isLittle: Bool
    switch bytes.prefix(4) {
    case [0x49, 0x49, 42, 0]: isLittle = true
    case [0x4D, 0x4D, 0, 42]: isLittle = false
    default: return nil
    }
    func number(at offset: Int, bytes count: Int) -> Int? {
      guard offset >= 0, offset <= bytes.count - count else { return nil }
      let field = bytes[(bytes.startIndex + offset)..<(bytes.startIndex + offset + count)]
      return isLittle
        ? field.reversed().reduce(0) { $0 << 8 | Int($1) } : field.reduce(0) { $0 << 8 | Int($1) }
    }
    guard let directory = number(at: 4, bytes: 4), let count = number(at: directory, bytes: 2) else {
      return nil
    }
    for index in 0..<count {
      let entry = directory + 2 + index * 12
      guard let tag = number(at: entry, bytes: 2) else { return nil }
      guard tag == 0x0112 else { continue }
      guard number(at: entry + 2, bytes: 2) == 3, let value = number(at: entry + 8, bytes: 2),
        (1...8).contains(value)
      else { return nil }
      return value
    }
    return nil
  }
}
