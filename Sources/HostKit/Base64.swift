/// Base64 (RFC 4648, section 4) with padding: how HTML, JSON and HTTP headers carry bytes.
public enum Base64 {
  private static let digits = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8)

  public static func bytes(_ content: [UInt8]) -> [UInt8] {
    let count = (content.count + 2) / 3 * 4
    return [UInt8](unsafeUninitializedCapacity: count) { target, filled in
      content.withUnsafeBufferPointer { source in
        digits.withUnsafeBufferPointer { digits in
          var place = 0
          for start in stride(from: 0, to: source.count, by: 3) {
            let left = source.count - start
            let group =
              UInt32(source[start]) << 16 | (left > 1 ? UInt32(source[start + 1]) << 8 : 0)
              | (left > 2 ? UInt32(source[start + 2]) : 0)
            target[place] = digits[Int(group >> 18)]
            target[place + 1] = digits[Int(group >> 12 & 63)]
            target[place + 2] = left > 1 ? digits[Int(group >> 6 & 63)] : UInt8(ascii: "=")
            target[place + 3] = left > 2 ? digits[Int(group & 63)] : UInt8(ascii: "=")
            place += 4
          }
        }
      }
      filled = count
    }
  }

  public static func text(_ content: [UInt8]) -> String { String(decoding: bytes(content), as: UTF8.self) }

  /// What a text stands for; nil when it is no Base64 in its one canonical form.
  public static func decode(_ text: String) -> [UInt8]? {
    let source = Array(text.utf8)
    guard source.count % 4 == 0 else { return nil }
    var content: [UInt8] = []
    content.reserveCapacity(source.count / 4 * 3)
    var group: UInt32 = 0
    for (place, byte) in source.enumerated() {
      guard let value = byte == UInt8(ascii: "=") ? 0 : digits.firstIndex(of: byte) else { return nil }
      group = group << 6 | UInt32(value)
      guard place % 4 == 3 else { continue }
      content += [UInt8(group >> 16 & 255), UInt8(group >> 8 & 255), UInt8(group & 255)]
    }
    let padding = source.reversed().prefix { $0 == UInt8(ascii: "=") }.count
    guard padding <= 2 else { return nil }
    content.removeLast(padding)
    // Padding in the midst, or bits that say nothing, are another spelling of something else.
    return bytes(content) == source ? content : nil
  }
}
