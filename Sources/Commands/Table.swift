/// Rows under headings, fitted to the width of the screen.
struct Table {
  struct Column {
    var title: String
    /// Numbers stand to the right.
    var isNumeric = false
    /// May be cut (with `…`) when the screen is too narrow.
    var mayShrink = false
  }

  var columns: [Column]
  var rows: [[String]] = []
  private static let gap = 2
  private static let leastWidth = 8

  /// The lines without trailing spaces; nil for `width` cuts nothing.
  func lines(width: Int?) -> [String] {
    let widths = fittedWidths(width)
    return ([columns.map(\.title)] + rows).map { row in
      var line = ""
      for (index, column) in columns.enumerated() {
        let cell = Self.cut(index < row.count ? Self.plain(row[index]) : "", to: widths[index])
        let space = String(repeating: " ", count: widths[index] - cell.count)
        line += (column.isNumeric ? space + cell : cell + space)
        line += String(repeating: " ", count: Self.gap)
      }
      while line.last == " " { line.removeLast() }
      return line
    }
  }

  /// The table on a terminal, headings dimmed.
  func show(on terminal: Terminal = .current) {
    for (index, line) in lines(width: terminal.width).enumerated() {
      terminal.print(index == 0 ? terminal.styled(line, .dim) : line)
    }
  }

  private func fittedWidths(_ width: Int?) -> [Int] {
    var widths = columns.indices.map { index in
      ([columns[index].title] + rows.map { index < $0.count ? Self.plain($0[index]) : "" })
        .map(\.count).max() ?? 0
    }
    guard let width else { return widths }
    var excess = widths.reduce(0, +) + Self.gap * (columns.count - 1) - width
    while excess > 0 {
      let shrinkable = columns.indices.filter {
        columns[$0].mayShrink && widths[$0] > Self.leastWidth
      }
      guard let widest = shrinkable.max(by: { widths[$0] < widths[$1] }) else { break }
      widths[widest] -= 1
      excess -= 1
    }
    return widths
  }

  private static func cut(_ text: String, to width: Int) -> String {
    text.count <= width ? text : text.prefix(max(0, width - 1)) + "…"
  }

  /// One line without control characters: a cell's text may come from a job and must not steer the terminal.
  static func plain(_ text: String) -> String {
    String(text.map { $0.unicodeScalars.contains { $0.value < 0x20 || (0x7F..<0xA0).contains($0.value) } ? " " : $0 })
  }
}
