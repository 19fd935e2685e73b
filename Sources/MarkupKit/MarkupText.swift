/// Builds XML element by element, indented; what is not allowed in XML 1.0 is left out of texts.
public struct MarkupText: Sendable {
  public typealias Attributes = KeyValuePairs<String, String?>

  public private(set) var text: String
  private var open: [String] = []

  public init(_ prolog: String = "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n") { text = prolog }

  /// An element with what `content` writes inside it.
  public mutating func element<Failure: Error>(
    _ name: String, _ attributes: Attributes = [:],
    content: (inout MarkupText) throws(Failure) -> Void
  ) throws(Failure) {
    start(name, attributes)
    try content(&self)
    end()
  }

  /// An element that stays open until `end`: what is inside comes later.
  public mutating func start(_ name: String, _ attributes: Attributes = [:]) {
    tag(name, attributes, closing: ">\n")
    open.append(name)
  }

  public mutating func end() {
    guard let name = open.popLast() else { return }
    text += String(repeating: " ", count: open.count) + "</\(name)>\n"
  }

  /// An element without elements inside.
  public mutating func leaf(_ name: String, _ attributes: Attributes = [:], text content: String? = nil) {
    guard let content else { return tag(name, attributes, closing: "/>\n") }
    tag(name, attributes, closing: ">\(Self.escaped(content))</\(name)>\n")
  }

  /// What has been written since the last time, for files that are written bit by bit.
  public mutating func taken() -> String {
    defer { text = "" }
    return text
  }

  private mutating func tag(_ name: String, _ attributes: Attributes, closing: String) {
    text += String(repeating: " ", count: open.count) + "<" + name
    for case (let key, let value?) in attributes { text += " \(key)=\"\(Self.escaped(value))\"" }
    text += closing
  }

  public static func escaped(_ text: String) -> String {
    var result = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      case "\"": result += "&quot;"
      // As references, else a reader makes spaces of them.
      case "\t", "\n", "\r": result += "&#\(scalar.value);"
      case "\u{0}"..."\u{1F}", "\u{FFFE}", "\u{FFFF}": break
      default: result.unicodeScalars.append(scalar)
      }
    }
    return result
  }
}
