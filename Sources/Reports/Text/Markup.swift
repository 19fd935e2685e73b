/// Texts from outside made safe for HTML, XML and scripts.
enum Markup {
  /// For the content and the quoted attributes of HTML and XML elements. Characters that XML cannot hold become U+FFFD.
  static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      case "'": result += "&#39;"
      case "\t", "\n", "\r": result += " "
      case "\u{0}"..."\u{1F}", "\u{7F}"..."\u{9F}", "\u{FFFE}", "\u{FFFF}": result += "\u{FFFD}"
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }

  /// JSON for the inside of a `<script>` element: nothing in it can end the element or begin a comment.
  static func scriptSafe(_ json: String) -> String {
    var bytes: [UInt8] = []
    bytes.reserveCapacity(json.utf8.count)
    for byte in json.utf8 {
      switch byte {
      case UInt8(ascii: "<"): bytes += #"\u003c"#.utf8
      case UInt8(ascii: ">"): bytes += #"\u003e"#.utf8
      case UInt8(ascii: "&"): bytes += #"\u0026"#.utf8
      default: bytes.append(byte)
      }
    }
    return String(decoding: bytes, as: UTF8.self)
  }

  /// A number with at most so many digits behind the point and no needless zeros.
  static func number(_ value: Double, places: Int = 1) -> String {
    var scale = 1
    for _ in 0..<places { scale *= 10 }
    let scaled = (abs(value) * Double(scale)).rounded()
    guard scaled < 1e15 else { return "0" }
    let whole = Int(scaled)
    var digits = String(whole % scale + scale).dropFirst()
    while digits.last == "0" { digits.removeLast() }
    let sign = value < 0 && whole > 0 ? "-" : ""
    return "\(sign)\(whole / scale)" + (digits.isEmpty ? "" : ".\(digits)")
  }

  /// A share as percent, with one digit behind the point: `97.4 %`.
  static func percent(_ share: Double) -> String {
    let text = number(share * 100)
    return (text.contains(".") ? text : text + ".0") + " %"
  }
}
