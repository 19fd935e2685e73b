/// A value as Python's `json` module reads it, with the texts that Python makes of it.
///
/// Scripts were written against `str()`, `repr()` and `json.dumps()` of Python: whole numbers of any length, NaN and
/// Infinity included, which plain JSON does not have.
public enum PythonValue: Sendable, Equatable {
  case none
  case bool(Bool)
  /// Digits with an optional minus, of any length.
  case integer(String)
  case float(Double)
  case text(String)
  case list([PythonValue])
  /// Keys are unique, in the order in which they first came.
  case dictionary([(key: String, value: PythonValue)])

  /// A hyperparameter's value: its JSON where it is JSON, else the text itself.
  public init(hyperparameter text: String) { self = PythonValue(parsing: text) ?? .text(text) }

  public static func == (left: PythonValue, right: PythonValue) -> Bool {
    left.jsonText == right.jsonText
  }

  /// `json.dumps(value, sort_keys=True, separators=(",", ":"))`: compact, ASCII only.
  public var jsonText: String {
    switch self {
    case .none: "null"
    case .bool(let value): value ? "true" : "false"
    case .integer(let digits): digits
    case .float(let value):
      value.isNaN ? "NaN" : value.isInfinite ? (value < 0 ? "-" : "") + "Infinity" : Self.repr(value)
    case .text(let text): Self.quotedJSON(text)
    case .list(let items): "[" + items.map(\.jsonText).joined(separator: ",") + "]"
    case .dictionary(let members):
      "{"
        + Self.sorted(members).map { "\(Self.quotedJSON($0.key)):\($0.value.jsonText)" }
        .joined(separator: ",") + "}"
    }
  }

  /// `repr(value)`.
  public var repr: String {
    switch self {
    case .none: "None"
    case .bool(let value): value ? "True" : "False"
    case .integer(let digits): digits
    case .float(let value): Self.repr(value)
    case .text(let text): Self.repr(text)
    case .list(let items): "[" + items.map(\.repr).joined(separator: ", ") + "]"
    case .dictionary(let members):
      "{" + members.map { "\(Self.repr($0.key)): \($0.value.repr)" }.joined(separator: ", ") + "}"
    }
  }

  /// `str(value)`: texts bare, everything else as `repr`.
  public var str: String { if case .text(let text) = self { text } else { repr } }

  /// The value as an argument of a script: nothing for None, `k=v,k2=v2` for a dictionary, else `str`.
  public var argument: String {
    switch self {
    case .none: ""
    case .dictionary(let members):
      Self.sorted(members).map { "\($0.key)=\($0.value.str)" }.joined(separator: ",")
    default: str
    }
  }

  /// The value as an environment variable: texts bare, nothing for None, else JSON.
  public var variable: String {
    switch self {
    case .none: ""
    case .text(let text): text
    default: jsonText
    }
  }

  /// Members in the order in which Python sorts keys: by code point.
  static func sorted(
    _ members: [(key: String, value: PythonValue)]
  ) -> [(key: String, value: PythonValue)] {
    members.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
  }
}

extension PythonValue: ExpressibleByStringLiteral, ExpressibleByBooleanLiteral,
  ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByDictionaryLiteral
{
  public init(stringLiteral value: String) { self = .text(value) }
  public init(booleanLiteral value: Bool) { self = .bool(value) }
  public init(integerLiteral value: Int) { self = .integer(String(value)) }
  public init(arrayLiteral elements: PythonValue...) { self = .list(elements) }
  public init(dictionaryLiteral elements: (String, PythonValue)...) {
    self = .dictionary(elements.map { (key: $0.0, value: $0.1) })
  }
}

extension PythonValue {
  /// `repr` of a float: the shortest digits that read back the same, with an exponent below -4 and from 16 on.
  static func repr(_ value: Double) -> String {
    if value.isNaN { return "nan" }
    let sign = value.sign == .minus ? "-" : ""
    if value.isInfinite { return "\(sign)inf" }
    if value == 0 { return "\(sign)0.0" }
    // Swift writes the same digits, but sets the point and the exponent by another rule.
    let parts = "\(value.magnitude)".split(separator: "e")
    let mantissa = parts[0].split(separator: ".", omittingEmptySubsequences: false)
    let fraction = mantissa.count > 1 && mantissa[1] != "0" ? mantissa[1] : ""
    let all = mantissa[0] + fraction
    let leading = all.prefix { $0 == "0" }.count
    var digits = String(all.dropFirst(leading))
    while digits.count > 1, digits.hasSuffix("0") { digits.removeLast() }
    let shift = parts.count > 1 ? Int(parts[1]) ?? 0 : 0
    let exponent = mantissa[0].count - leading - 1 + shift
    return sign + positioned(digits, exponent: exponent)
  }

  /// Digits of which the first stands for that power of ten.
  private static func positioned(_ digits: String, exponent: Int) -> String {
    if exponent < -4 || exponent >= 16 {
      let tail = digits.dropFirst()
      let size = String(abs(exponent))
      return "\(digits.prefix(1))\(tail.isEmpty ? "" : ".\(tail)")e\(exponent < 0 ? "-" : "+")"
        + (size.count < 2 ? "0" : "") + size
    }
    if exponent < 0 { return "0." + String(repeating: "0", count: -exponent - 1) + digits }
    let padded = digits + String(repeating: "0", count: max(0, exponent + 1 - digits.count))
    let fraction = padded.dropFirst(exponent + 1)
    return "\(padded.prefix(exponent + 1)).\(fraction.isEmpty ? "0" : fraction)"
  }

  /// `repr` of a text: single quotes unless only those are inside, and what cannot be printed escaped.
  static func repr(_ text: String) -> String {
    let quote: Unicode.Scalar =
      text.unicodeScalars.contains("'") && !text.unicodeScalars.contains("\"") ? "\"" : "'"
    var output = String.UnicodeScalarView()
    output.append(quote)
    for scalar in text.unicodeScalars {
      switch scalar {
      case "\n": output.append(contentsOf: "\\n".unicodeScalars)
      case "\r": output.append(contentsOf: "\\r".unicodeScalars)
      case "\t": output.append(contentsOf: "\\t".unicodeScalars)
      case "\\", quote:
        output.append("\\")
        output.append(scalar)
      case _ where isPrintable(scalar): output.append(scalar)
      default: output.append(contentsOf: escape(scalar).unicodeScalars)
      }
    }
    output.append(quote)
    return String(output)
  }

  private static func escape(_ scalar: Unicode.Scalar) -> String {
    switch scalar.value {
    case 0..<0x100: "\\x" + hexadecimal(scalar.value, width: 2)
    case 0x100..<0x10000: "\\u" + hexadecimal(scalar.value, width: 4)
    default: "\\U" + hexadecimal(scalar.value, width: 8)
    }
  }

  /// `str.isprintable` of one character.
  private static func isPrintable(_ scalar: Unicode.Scalar) -> Bool {
    if scalar == " " { return true }
    switch scalar.properties.generalCategory {
    case .control, .format, .surrogate, .privateUse, .unassigned, .lineSeparator,
      .paragraphSeparator, .spaceSeparator:
      return false
    default: return true
    }
  }

  private static func quotedJSON(_ text: String) -> String {
    var output = "\""
    for unit in text.utf16 {
      switch unit {
      case 0x22: output += "\\\""
      case 0x5C: output += "\\\\"
      case 0x08: output += "\\b"
      case 0x0C: output += "\\f"
      case 0x0A: output += "\\n"
      case 0x0D: output += "\\r"
      case 0x09: output += "\\t"
      case 0x20...0x7E: output.unicodeScalars.append(Unicode.Scalar(UInt8(unit)))
      default: output += "\\u" + hexadecimal(UInt32(unit), width: 4)
      }
    }
    return output + "\""
  }

  private static func hexadecimal(_ value: UInt32, width: Int) -> String {
    let digits = String(value, radix: 16)
    return String(repeating: "0", count: max(0, width - digits.count)) + digits
  }
}
