import Foundation
import JSONKit

/// Reads JSON text from front to back without keeping values: a page of pixels has millions of numbers, and a tree of
/// them takes tens of times the memory of the image, and three times as long (measured).
struct JSONScanner {
  private let bytes: [UInt8]
  private(set) var position = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func fault(_ what: String) -> InvocationFault {
    InvocationFault(.badRequest, "The body is not the JSON it should be: at byte \(position), \(what).")
  }

  /// The first byte of the next value or sign; nil at the end.
  mutating func peek() -> UInt8? {
    while position < bytes.count {
      let byte = bytes[position]
      guard byte == 0x20 || byte == 0x0A || byte == 0x0D || byte == 0x09 else { return byte }
      position += 1
    }
    return nil
  }

  /// Steps over the byte when it comes next.
  mutating func take(_ byte: UInt8) -> Bool {
    guard peek() == byte else { return false }
    position += 1
    return true
  }

  mutating func expect(_ byte: UInt8, _ what: String) throws(InvocationFault) {
    guard take(byte) else { throw fault("\(what) must come") }
  }

  mutating func expectEnd() throws(InvocationFault) {
    guard peek() == nil else { throw fault("there is text after the end") }
  }

  /// Goes through an array, whose `[` comes next, item by item.
  mutating func items(_ each: (inout JSONScanner) throws(InvocationFault) -> Void) throws(InvocationFault) {
    try expect(UInt8(ascii: "["), "a list (`[`)")
    if take(UInt8(ascii: "]")) { return }
    repeat { try each(&self) } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "]"), "`,` or `]`")
  }

  /// Goes through an object, whose `{` comes next, member by member; `each` reads the value.
  mutating func members(
    _ each: (inout JSONScanner, String) throws(InvocationFault) -> Void
  ) throws(InvocationFault) {
    try expect(UInt8(ascii: "{"), "an object (`{`)")
    if take(UInt8(ascii: "}")) { return }
    repeat {
      let key = String(decoding: try string(), as: UTF8.self)
      try expect(UInt8(ascii: ":"), "`:`")
      try each(&self, key)
    } while take(UInt8(ascii: ","))
    try expect(UInt8(ascii: "}"), "`,` or `}`")
  }

  /// The bytes of a string without its quotes, escapes resolved.
  mutating func string() throws(InvocationFault) -> [UInt8] {
    try expect(UInt8(ascii: "\""), "a text (`\"`)")
    let start = position
    var hasEscapes = false
    while position < bytes.count, bytes[position] != UInt8(ascii: "\"") {
      guard bytes[position] >= 0x20 else { throw fault("there is a control character in a text") }
      if bytes[position] == UInt8(ascii: "\\") {
        hasEscapes = true
        position += 1
      }
      position += 1
    }
    guard position < bytes.count else {
      position = bytes.count
      throw fault("a text has no end")
    }
    position += 1
    guard hasEscapes else { return Array(bytes[start..<(position - 1)]) }
    return try unescaped(bytes[(start - 1)..<position])
  }

  private func unescaped(_ quoted: ArraySlice<UInt8>) throws(InvocationFault) -> [UInt8] {
    do {
      return Array((try JSON(parsing: Array(quoted)).string ?? "").utf8)
    } catch {
      throw fault("there is a text that is not JSON (\(error.message))")
    }
  }

  mutating func bool() throws(InvocationFault) -> Bool {
    guard let first = peek() else { throw fault("`true` or `false` must come") }
    let word = first == UInt8(ascii: "t") ? "true" : "false"
    guard bytes[position...].starts(with: word.utf8) else { throw fault("`true` or `false` must come") }
    position += word.utf8.count
    return first == UInt8(ascii: "t")
  }

  /// A number. Integers below 2^53 are exact; fractions are right to about fifteen digits, which is all that pixels,
  /// corners and counts need.
  mutating func number() throws(InvocationFault) -> Double {
    guard let first = peek() else { throw fault("a number must come") }
    let isNegative = first == UInt8(ascii: "-")
    if isNegative { position += 1 }
    let start = position
    var digits = Digits()
    try run(into: &digits, isFraction: false)
    guard bytes[start] != UInt8(ascii: "0") || position == start + 1 else {
      throw fault("there is a number with a leading zero")
    }
    if position < bytes.count, bytes[position] == UInt8(ascii: ".") {
      position += 1
      try run(into: &digits, isFraction: true)
    }
    if position < bytes.count, bytes[position] | 0x20 == UInt8(ascii: "e") {
      position += 1
      digits.exponent += try exponent()
    }
    return isNegative ? -digits.value : digits.value
  }

  private mutating func run(into digits: inout Digits, isFraction: Bool) throws(InvocationFault) {
    let start = position
    while position < bytes.count {
      let digit = bytes[position] &- UInt8(ascii: "0")
      guard digit <= 9 else { break }
      digits.append(digit, isFraction: isFraction)
      position += 1
    }
    guard position > start else { throw fault("a digit must come") }
  }

  private mutating func exponent() throws(InvocationFault) -> Int {
    var isNegative = false
    if position < bytes.count, bytes[position] == UInt8(ascii: "-") || bytes[position] == UInt8(ascii: "+") {
      isNegative = bytes[position] == UInt8(ascii: "-")
      position += 1
    }
    var digits = Digits()
    try run(into: &digits, isFraction: false)
    let size = Int(min(digits.value, 10_000))
    return isNegative ? -size : size
  }
}

/// A decimal number in the making: as many digits as 64 bits hold, and how far the point is from their end.
private struct Digits {
  private var significand: UInt64 = 0
  var exponent = 0

  mutating func append(_ digit: UInt8, isFraction: Bool) {
    if significand < UInt64.max / 10 - 1 {
      significand = significand * 10 + UInt64(digit)
      if isFraction { exponent -= 1 }
    } else if !isFraction {
      exponent += 1
    }
  }

  var value: Double {
    switch exponent {
    case 0: Double(significand)
    case -15..<0: Double(significand) / Self.powers[-exponent]
    default: significand == 0 ? 0 : Double(significand) * pow(10, Double(exponent))
    }
  }

  private static let powers: [Double] = (0...15).map { pow(10, Double($0)) }
}
