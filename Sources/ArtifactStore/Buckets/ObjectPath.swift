/// How a key becomes a path below its bucket's folder, and back.
///
/// `a/b/c.txt` is simply that path, so people can browse a bucket. What a file system cannot hold is escaped in a way
/// that no other key produces: control bytes and `%` as `%XX`; an empty component as `%`; `.` and `..` as `%2E`,
/// `%2E%2E`; a component beyond 200 bytes as several nested folders whose names end in `%+`. An object whose name is
/// also a folder of other objects is the file `name%file` beside that folder.
enum ObjectPath {
  static let asideSuffix = "%file"
  static let continuedSuffix = "%+"
  private static let maximumComponentBytes = 200
  static let maximumKeyBytes = 1024

  /// The names of the folders and, last, of the file.
  static func components(of key: String) throws(StoreError) -> [String] {
    guard !key.isEmpty, key.utf8.count <= maximumKeyBytes else {
      throw StoreError(.invalidKey, "an object's key has 1 to \(maximumKeyBytes) bytes; this one has \(key.utf8.count)")
    }
    return split(key).flatMap(escape)
  }

  /// The components of a key: by bytes, since Swift sees a slash and a combining mark as one Character.
  static func split(_ key: String) -> [String] {
    key.utf8.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
      .map { String(decoding: Array($0), as: UTF8.self) }
  }

  /// What a name in a bucket's folder stands for; nil for a name that we never give.
  struct Entry: Equatable {
    let text: [UInt8]
    let isContinued: Bool
    let isAside: Bool

    init?(_ name: String) {
      if ObjectPath.isPlain(name) {
        text = Array(name.utf8)
        isContinued = false
        isAside = false
        return
      }
      let isAside = name.utf8.count > asideSuffix.utf8.count && name.hasSuffix(asideSuffix)
      let isContinued = name.hasSuffix(continuedSuffix)
      let escaped = name.utf8.dropLast(isAside ? asideSuffix.utf8.count : isContinued ? continuedSuffix.utf8.count : 0)
      guard let text = ObjectPath.unescape(Array(escaped)) else { return nil }
      // A piece of a longer component may look as if it needed no splitting; any other name has one spelling.
      guard isContinued || ObjectPath.escape(text) == [String(decoding: Array(escaped), as: UTF8.self)] else {
        return nil
      }
      self.text = Array(text.utf8)
      self.isContinued = isContinued
      self.isAside = isAside
    }
  }

  /// Whether a name certainly stands for itself: most do, and listings ask often.
  private static func isPlain(_ name: String) -> Bool {
    name.utf8.count <= maximumComponentBytes
      && name.utf8.allSatisfy { (0x20..<0x7F).contains($0) && $0 != UInt8(ascii: "%") }
  }

  static func escape(_ component: String) -> [String] {
    guard !component.isEmpty else { return ["%"] }
    var pieces: [String] = []
    var piece = ""
    for scalar in component.unicodeScalars {
      let needsEscape = scalar.value < 0x20 || scalar.value == 0x7F || scalar == "%"
      let text = needsEscape ? hex(UInt8(scalar.value)) : String(scalar)
      if piece.utf8.count + text.utf8.count > maximumComponentBytes {
        pieces.append(piece + continuedSuffix)
        piece = ""
      }
      piece += text
    }
    switch piece {
    case ".": pieces.append(hex(0x2E))
    case "..": pieces.append(hex(0x2E) + hex(0x2E))
    default: pieces.append(piece)
    }
    return pieces
  }

  private static func hex(_ byte: UInt8) -> String {
    let digits = Array("0123456789ABCDEF".unicodeScalars)
    var text = "%"
    text.unicodeScalars.append(digits[Int(byte >> 4)])
    text.unicodeScalars.append(digits[Int(byte & 15)])
    return text
  }

  private static func unescape(_ bytes: [UInt8]) -> String? {
    if bytes == [UInt8(ascii: "%")] { return "" }
    var result: [UInt8] = []
    var index = 0
    while index < bytes.count {
      guard bytes[index] == UInt8(ascii: "%") else {
        result.append(bytes[index])
        index += 1
        continue
      }
      guard index + 2 < bytes.count,
        let byte = UInt8(String(decoding: bytes[index + 1...index + 2], as: UTF8.self), radix: 16)
      else { return nil }
      result.append(byte)
      index += 3
    }
    return bytes.isEmpty ? nil : String(validating: result, as: UTF8.self)
  }
}
