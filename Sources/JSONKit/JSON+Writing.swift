extension JSON {
  /// The value as compact JSON text. Fractions that are not finite become `null`, as JSON has none.
  public var text: String { String(decoding: bytes, as: UTF8.self) }

  /// The value as compact UTF-8 JSON.
  public var bytes: [UInt8] {
    var output: [UInt8] = []
    output.reserveCapacity(256)
    write(to: &output, style: .compact, indent: 0)
    return output
  }

  /// The value for people and for stable comparison: two-space indentation, members in their own order.
  public var prettyText: String {
    var output: [UInt8] = []
    write(to: &output, style: .pretty, indent: 0)
    return String(decoding: output, as: UTF8.self)
  }

  /// The value with the members of every object in byte order of their names.
  public var sorted: JSON {
    switch self {
    case .array(let items): .array(items.map(\.sorted))
    case .object(let object):
      .object(
        Object(
          object.members.map { (key: $0.key, value: $0.value.sorted) }.sorted { $0.key < $1.key }))
    default: self
    }
  }

  private enum Style { case compact, pretty }

  private func write(to output: inout [UInt8], style: Style, indent: Int) {
    switch self {
    case .null: output.append(contentsOf: "null".utf8)
    case .bool(let value): output.append(contentsOf: (value ? "true" : "false").utf8)
    case .integer(let value): output.append(contentsOf: String(value).utf8)
    case .number(let value):
      output.append(contentsOf: (value.isFinite ? "\(value)" : "null").utf8)
    case .string(let value): Self.write(value, to: &output)
    case .array(let items):
      Self.writeList(items, "[", "]", to: &output, style: style, indent: indent) { item, output in
        item.write(to: &output, style: style, indent: indent + 1)
      }
    case .object(let object):
      Self.writeList(object.members, "{", "}", to: &output, style: style, indent: indent) {
        member, output in
        Self.write(member.key, to: &output)
        output.append(contentsOf: (style == .pretty ? ": " : ":").utf8)
        member.value.write(to: &output, style: style, indent: indent + 1)
      }
    }
  }

  private static func writeList<Item>(
    _ items: [Item], _ open: String, _ close: String, to output: inout [UInt8], style: Style,
    indent: Int, each: (Item, inout [UInt8]) -> Void
  ) {
    output.append(contentsOf: open.utf8)
    for (index, item) in items.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      if style == .pretty { newLine(indent + 1, to: &output) }
      each(item, &output)
    }
    if style == .pretty, !items.isEmpty { newLine(indent, to: &output) }
    output.append(contentsOf: close.utf8)
  }

  private static func newLine(_ indent: Int, to output: inout [UInt8]) {
    output.append(0x0A)
    output.append(contentsOf: repeatElement(0x20, count: indent * 2))
  }

  private static func write(_ text: String, to output: inout [UInt8]) {
    output.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): output.append(contentsOf: "\\\"".utf8)
      case UInt8(ascii: "\\"): output.append(contentsOf: "\\\\".utf8)
      case 0x0A: output.append(contentsOf: "\\n".utf8)
      case 0x0D: output.append(contentsOf: "\\r".utf8)
      case 0x09: output.append(contentsOf: "\\t".utf8)
      case 0..<0x20, 0x7F:
        let hex = String(byte, radix: 16)
        output.append(contentsOf: "\\u00\(hex.count == 1 ? "0" : "")\(hex)".utf8)
      default: output.append(byte)
      }
    }
    output.append(UInt8(ascii: "\""))
  }
}
