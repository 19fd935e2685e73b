/// Base64 (RFC 4648, section 4) with padding: how HTML and JSON carry an image.
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

  static func text(_ content: [UInt8]) -> String { String(decoding: bytes(content), as: UTF8.self) }
}
