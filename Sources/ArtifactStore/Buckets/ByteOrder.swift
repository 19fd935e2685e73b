import Glibc

/// Texts as S3 orders them: by their bytes.
enum ByteOrder {
  static func compare(_ left: [UInt8], _ right: [UInt8]) -> Int {
    let difference = left.withUnsafeBytes { left in
      right.withUnsafeBytes { right -> Int in
        let shared = min(left.count, right.count)
        guard shared > 0, let first = left.baseAddress, let second = right.baseAddress else { return 0 }
        return Int(memcmp(first, second, shared))
      }
    }
    return difference != 0 ? difference : left.count - right.count
  }

  static func begins(_ text: [UInt8], with prefix: [UInt8]) -> Bool {
    guard text.count >= prefix.count else { return false }
    return text.withUnsafeBytes { text in
      prefix.withUnsafeBytes { prefix in
        guard let first = text.baseAddress, let second = prefix.baseAddress else { return prefix.isEmpty }
        return memcmp(first, second, prefix.count) == 0
      }
    }
  }

  /// Where `pattern` ends first in `text` at or after `start`; nil when it is not there.
  static func end(of pattern: [UInt8], in text: [UInt8], from start: Int) -> Int? {
    guard let first = pattern.first, text.count >= pattern.count, start <= text.count - pattern.count else {
      return nil
    }
    for place in start...text.count - pattern.count where text[place] == first {
      if text[place..<place + pattern.count].elementsEqual(pattern) { return place + pattern.count }
    }
    return nil
  }
}
