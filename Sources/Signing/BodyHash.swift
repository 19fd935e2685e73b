import Crypto

/// The last line of a canonical request: the body's SHA-256, or a word that says there is none.
public enum BodyHash {
  /// Says that the signature does not cover the body. Accepted for S3 only.
  public static let unsignedPayload = "UNSIGNED-PAYLOAD"

  /// The SHA-256 of an empty body.
  public static let empty = of([])

  /// The SHA-256 of a body as lower-case hexadecimal digits.
  public static func of(_ body: [UInt8]) -> String { hexadecimal(SHA256.hash(data: body)) }

  static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy(Characters.isLowerHexadecimal)
  }
}

/// Bytes as lower-case hexadecimal digits.
func hexadecimal(_ bytes: some Sequence<UInt8>) -> String {
  let digits = Array("0123456789abcdef".utf8)
  var text: [UInt8] = []
  for byte in bytes {
    text.append(digits[Int(byte >> 4)])
    text.append(digits[Int(byte & 15)])
  }
  return String(decoding: text, as: UTF8.self)
}

/// Which bytes of requests are what.
enum Characters {
  static func isDigit(_ byte: UInt8) -> Bool { byte >= 0x30 && byte <= 0x39 }

  /// Whether a text can be a part of a credential: one to 128 unreserved characters.
  static func isName(_ text: String) -> Bool {
    (1...128).contains(text.utf8.count) && text.utf8.allSatisfy(isUnreserved)
  }

  static func isLowerHexadecimal(_ byte: UInt8) -> Bool {
    isDigit(byte) || byte >= UInt8(ascii: "a") && byte <= UInt8(ascii: "f")
  }

  /// RFC 3986's unreserved characters: the ones that AWS never escapes.
  static func isUnreserved(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"): true
    case UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "~"): true
    default: isDigit(byte)
    }
  }
}
