/// What a field of a head means to the data plane.
enum FieldMeaning: UInt8 {
  case other, accept, authorization, connection, contentLength, contentType, customAttributes, expect, host, origin
  case sageMaker, service, streamedAccept, targetVariant, timing, transferEncoding

  /// By the name's length first: nearly always that leaves one name to compare with.
  init(_ name: UnsafeRawBufferPointer) {
    self = .other
    switch name.count {
    case 4: if name.reads("host") { self = .host }
    case 6:
      if name.reads("accept") { self = .accept } else if name.reads("expect") { self = .expect }
      if name.reads("origin") { self = .origin }
    case 10: if name.reads("connection") { self = .connection }
    case 12:
      if name.reads("content-type") { self = .contentType } else if name.reads("x-htr-timing") { self = .timing }
    case 13:
      if name.reads("authorization") { self = .authorization } else if name.reads("x-htr-service") { self = .service }
    case 14: if name.reads("content-length") { self = .contentLength }
    case 17: if name.reads("transfer-encoding") { self = .transferEncoding }
    default: break
    }
    if self == .other, name.count > 17, UnsafeRawBufferPointer(rebasing: name[..<17]).reads("x-amzn-sagemaker-") {
      self = name.reads("x-amzn-sagemaker-target-variant") ? .targetVariant : .sageMaker
      if name.reads("x-amzn-sagemaker-custom-attributes") { self = .customAttributes }
      if name.reads("x-amzn-sagemaker-accept") { self = .streamedAccept }
    }
  }
}

/// A field's place in the bytes of its head.
struct HeadField {
  let meaning: FieldMeaning
  let name: Range<Int>
  let value: Range<Int>

  /// Reads one line. What is no token is no name; control characters make no value; a line that begins with space goes
  /// on with the one before (obs-fold), which nobody sends but to confuse.
  init(line: Range<Int>, of bytes: UnsafeRawBufferPointer) throws(HeadFault) {
    var colon = line.lowerBound
    while colon < line.upperBound, Octet.isToken(bytes[colon]) { colon += 1 }
    guard colon > line.lowerBound, colon < line.upperBound, bytes[colon] == UInt8(ascii: ":") else {
      throw HeadFault("A field of the head has no proper name.")
    }
    var (start, end) = (colon + 1, line.upperBound)
    while start < end, Octet.isBlank(bytes[start]) { start += 1 }
    while end > start, Octet.isBlank(bytes[end - 1]) { end -= 1 }
    for index in start..<end where Octet.isControl(bytes[index]) {
      throw HeadFault("A field of the head has control characters in its value.")
    }
    name = line.lowerBound..<colon
    value = start..<end
    meaning = FieldMeaning(UnsafeRawBufferPointer(rebasing: bytes[name]))
  }
}

/// Which bytes of a head are what (RFC 9110, 5.6.2).
enum Octet {
  private static let tokens: [Bool] = (0..<256).map { byte in
    let character = UInt8(byte)
    let isLetter = (character | 0x20) >= UInt8(ascii: "a") && (character | 0x20) <= UInt8(ascii: "z")
    return isLetter || isDigit(character) || "!#$%&'*+-.^_`|~".utf8.contains(character)
  }

  static func isToken(_ byte: UInt8) -> Bool { tokens.withUnsafeBufferPointer { $0[Int(byte)] } }
  static func isDigit(_ byte: UInt8) -> Bool { byte &- 0x30 < 10 }
  static func isBlank(_ byte: UInt8) -> Bool { byte == 0x20 || byte == 0x09 }
  static func isControl(_ byte: UInt8) -> Bool { byte < 0x20 && byte != 0x09 || byte == 0x7F }

  static func hexadecimal(_ byte: UInt8) -> Int? {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"): Int(byte - UInt8(ascii: "0"))
    case UInt8(ascii: "a")...UInt8(ascii: "f"): Int(byte - UInt8(ascii: "a")) + 10
    case UInt8(ascii: "A")...UInt8(ascii: "F"): Int(byte - UInt8(ascii: "A")) + 10
    default: nil
    }
  }
}

extension UnsafeRawBufferPointer {
  /// Compares with a word of lower-case ASCII letters, digits and dashes, whatever the case here.
  func reads(_ word: StaticString) -> Bool {
    guard count == word.utf8CodeUnitCount else { return false }
    let start = word.utf8Start
    for index in 0..<count {
      let byte = self[index]
      let lower = byte &- UInt8(ascii: "A") < 26 ? byte | 0x20 : byte
      if lower != start[index] { return false }
    }
    return true
  }

  /// Whether a list of words that are parted by commas has this one.
  func lists(_ word: StaticString) -> Bool {
    split(separator: UInt8(ascii: ",")).contains { part in
      let words = part.split(whereSeparator: Octet.isBlank)
      return words.count == 1 && UnsafeRawBufferPointer(rebasing: words[0]).reads(word)
    }
  }

  /// The number that all these bytes are, of at most eighteen digits; nil when they are none.
  var decimal: Int? {
    guard (1...18).contains(count), allSatisfy(Octet.isDigit) else { return nil }
    return reduce(0) { $0 * 10 + Int($1 - UInt8(ascii: "0")) }
  }
}
