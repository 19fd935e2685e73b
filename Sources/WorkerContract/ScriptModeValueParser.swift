extension PythonValue {
  /// Reads a text as Python's `json.loads` does; nil where that would raise.
  ///
  /// Nesting is bounded. Texts with NUL characters or half a surrogate pair are refused too, as neither can be an
  /// argument or an environment variable.
  public init?(parsing text: String) {
    var parser = ValueParser(bytes: Array(text.utf8))
    guard let value = parser.document() else { return nil }
    self = value
  }
}

/// `json.loads`: like JSON, with NaN, Infinity, -Infinity and whole numbers of any length.
private struct ValueParser {
  let bytes: [UInt8]
  var position = 0

  static let maximumDepth = 64

  init(bytes: [UInt8]) { self.bytes = bytes }

  var current: UInt8? { position < bytes.count ? bytes[position] : nil }

  mutating func document() -> PythonValue? {
    guard let value = value(depth: 0) else { return nil }
    skipSpace()
    return position == bytes.count ? value : nil
  }

  mutating func skipSpace() {
    while let byte = current, [0x20, 0x09, 0x0A, 0x0D].contains(byte) { position += 1 }
  }

  mutating func take(_ byte: Character) -> Bool {
    guard current == byte.asciiValue else { return false }
    position += 1
    return true
  }

  mutating func take(word: String) -> Bool {
    guard bytes[position...].starts(with: word.utf8) else { return false }
    position += word.utf8.count
    return true
  }

  mutating func value(depth: Int) -> PythonValue? {
    guard depth < Self.maximumDepth else { return nil }
    skipSpace()
    if take("\"") { return string().map { .text($0) } }
    if take("[") { return list(depth: depth) }
    if take("{") { return dictionary(depth: depth) }
    if take(word: "null") { return PythonValue.none }
    if take(word: "true") { return .bool(true) }
    if take(word: "false") { return .bool(false) }
    if take(word: "NaN") { return .float(.nan) }
    if take(word: "Infinity") { return .float(.infinity) }
    if take(word: "-Infinity") { return .float(-.infinity) }
    return number()
  }

  mutating func list(depth: Int) -> PythonValue? {
    var items: [PythonValue] = []
    skipSpace()
    if take("]") { return .list([]) }
    repeat {
      guard let item = value(depth: depth + 1) else { return nil }
      items.append(item)
      skipSpace()
    } while take(",")
    return take("]") ? .list(items) : nil
  }

  mutating func dictionary(depth: Int) -> PythonValue? {
    var members: [(key: String, value: PythonValue)] = []
    var places: [String: Int] = [:]
    skipSpace()
    if take("}") { return .dictionary([]) }
    repeat {
      skipSpace()
      guard take("\""), let key = string() else { return nil }
      skipSpace()
      guard take(":"), let value = value(depth: depth + 1) else { return nil }
      if let place = places[key] {
        members[place].value = value
      } else {
        places[key] = members.count
        members.append((key, value))
      }
      skipSpace()
    } while take(",")
    return take("}") ? .dictionary(members) : nil
  }

  mutating func number() -> PythonValue? {
    let start = position
    _ = take("-")
    if !take("0") { guard takeDigits() else { return nil } }
    var isFloat = false
    let whole = position
    if take(".") {
      if takeDigits() { isFloat = true } else { position = whole }
    }
    let mantissa = position
    if take("e") || take("E") {
      _ = take("+") || take("-")
      if takeDigits() { isFloat = true } else { position = mantissa }
    }
    let text = String(decoding: bytes[start..<position], as: UTF8.self)
    if isFloat { return Double(text).map { .float($0) } }
    // Python has no minus zero among its whole numbers.
    return .integer(text == "-0" ? "0" : text)
  }

  mutating func takeDigits() -> Bool {
    let start = position
    while let byte = current, byte >= 0x30, byte <= 0x39 { position += 1 }
    return position > start
  }

  /// The rest of a string whose first quotation mark has been taken.
  mutating func string() -> String? {
    var text: [UInt8] = []
    while let byte = current {
      position += 1
      switch byte {
      case UInt8(ascii: "\""): return String(validating: text, as: UTF8.self)
      case UInt8(ascii: "\\"):
        guard let scalar = escape() else { return nil }
        text.append(contentsOf: UTF8.encode(scalar).map(Array.init) ?? [])
      case 0..<0x20: return nil
      default: text.append(byte)
      }
    }
    return nil
  }

  mutating func escape() -> Unicode.Scalar? {
    guard let byte = current else { return nil }
    position += 1
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return Unicode.Scalar(byte)
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{C}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): break
    default: return nil
    }
    guard let high = unit(), high != 0 else { return nil }
    guard (0xD800..<0xDC00).contains(high) else { return Unicode.Scalar(high) }
    guard take("\\"), take("u"), let low = unit(), (0xDC00..<0xE000).contains(low) else {
      return nil
    }
    return Unicode.Scalar(0x10000 + (high - 0xD800) << 10 + (low - 0xDC00))
  }

  mutating func unit() -> UInt32? {
    guard position + 4 <= bytes.count else { return nil }
    var value: UInt32 = 0
    for byte in bytes[position..<(position + 4)] {
      guard let digit = Character(Unicode.Scalar(byte)).hexDigitValue else { return nil }
      value = value << 4 | UInt32(digit)
    }
    position += 4
    return value
  }
}
