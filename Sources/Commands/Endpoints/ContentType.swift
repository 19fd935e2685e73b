/// What a request's body is, by its file's name, else by its first bytes.
enum ContentType {
  /// How many bytes `ofBytes` looks at.
  static let prefix = 512

  private static let byEnding: [String: String] = [
    "jpg": "image/jpeg", "jpeg": "image/jpeg", "png": "image/png", "tif": "image/tiff", "tiff": "image/tiff",
    "pdf": "application/pdf", "json": "application/json", "jsonl": "application/jsonlines", "csv": "text/csv",
    "npy": "application/x-npy", "txt": "text/plain",
  ]

  private static let byMagic: [([UInt8], String)] = [
    ([0xFF, 0xD8, 0xFF], "image/jpeg"), ([0x89, 0x50, 0x4E, 0x47], "image/png"),
    ([0x49, 0x49, 0x2A, 0x00], "image/tiff"), ([0x4D, 0x4D, 0x00, 0x2A], "image/tiff"),
    (Array("%PDF-".utf8), "application/pdf"), ([0x93] + Array("NUMPY".utf8), "application/x-npy"),
  ]

  /// nil when the name has no ending that is known.
  static func ofFile(_ name: String) -> String? {
    guard let dot = name.lastIndex(of: ".") else { return nil }
    return byEnding[name[name.index(after: dot)...].lowercased()]
  }

  static func ofBytes(_ bytes: ArraySlice<UInt8>) -> String {
    if let known = byMagic.first(where: { bytes.starts(with: $0.0) }) { return known.1 }
    let first = bytes.first { ![0x20, 0x09, 0x0A, 0x0D].contains($0) }
    if first == UInt8(ascii: "{") || first == UInt8(ascii: "[") { return "application/json" }
    return isText(bytes) ? "text/plain" : "application/octet-stream"
  }

  /// False for bytes that would garble a screen, and for what is no UTF-8.
  static func isText(_ bytes: ArraySlice<UInt8>) -> Bool {
    guard bytes.allSatisfy({ ($0 >= 0x20 && $0 != 0x7F) || [0x09, 0x0A, 0x0D].contains($0) }) else { return false }
    // A prefix may end within a character, which takes four bytes at most.
    return (0...3).contains { String(validating: bytes.dropLast($0), as: UTF8.self) != nil }
  }
}
