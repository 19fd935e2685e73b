import Glibc

/// Random identifiers from the kernel's generator.
public enum Identifier {
  /// `bytes` random bytes as lower-case hexadecimal digits.
  public static func random(bytes: Int) -> String {
    var generator = SystemRandomNumberGenerator()
    var text = ""
    for _ in 0..<bytes {
      let byte = UInt8.random(in: 0...255, using: &generator)
      if byte < 16 { text += "0" }
      text += String(byte, radix: 16)
    }
    return text
  }

  /// A random UUID (version 4) in its usual form: request ids on the wire.
  public static func uuid() -> String {
    var digits = Array(random(bytes: 16))
    digits[12] = "4"
    digits[16] = ["8", "9", "a", "b"].randomElement() ?? "8"
    return [0..<8, 8..<12, 12..<16, 16..<20, 20..<32].map { String(digits[$0]) }.joined(separator: "-")
  }
}
