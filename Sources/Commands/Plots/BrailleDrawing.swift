/// A panel in a terminal: Braille characters give two by four dots for each character.
enum BrailleDrawing {
  /// - Parameters:
  ///   - width: columns, the axis included.
  ///   - height: lines of the drawing itself.
  static func lines(of panel: Panel, width: Int, height: Int = 10) -> [String] {
    let labels = panel.axis
    let margin = labels.map(\.count).max() ?? 0
    let columns = max(10, width - margin - 2)
    var dots = DotGrid(columns: columns, rows: height)
    let right = Double(columns * 2 - 1)
    let bottom = Double(height * 4 - 1)
    let points = panel.places.map {
      (x: Int(($0.x * right).rounded()), y: Int(((1 - $0.y) * bottom).rounded()))
    }
    for (index, point) in points.enumerated() {
      dots.draw(from: points[max(0, index - 1)], to: point)
    }
    var lines = [String(repeating: " ", count: margin + 2) + Table.plain(panel.name)]
    for (row, text) in dots.rowTexts().enumerated() {
      let label = row == 0 ? labels[0] : row == height - 1 ? labels[2] : row == height / 2 ? labels[1] : ""
      let tick = label.isEmpty ? "│" : "┤"
      lines.append(String(repeating: " ", count: margin - label.count) + label + " " + tick + text)
    }
    lines.append(String(repeating: " ", count: margin + 1) + "└" + String(repeating: "─", count: columns))
    let space = columns - 1 - panel.timeText.count
    lines.append(
      String(repeating: " ", count: margin + 2) + "0" + String(repeating: " ", count: max(1, space)) + panel.timeText)
    return lines
  }
}

/// Dots behind Braille characters.
struct DotGrid {
  let columns, rows: Int
  private var cells: [UInt8]
  private static let bits: [[UInt8]] = [[0x01, 0x08], [0x02, 0x10], [0x04, 0x20], [0x40, 0x80]]

  init(columns: Int, rows: Int) {
    self.columns = columns
    self.rows = rows
    cells = [UInt8](repeating: 0, count: columns * rows)
  }

  mutating func set(_ x: Int, _ y: Int) {
    guard (0..<columns * 2).contains(x), (0..<rows * 4).contains(y) else { return }
    cells[y / 4 * columns + x / 2] |= Self.bits[y % 4][x % 2]
  }

  mutating func draw(from start: (x: Int, y: Int), to end: (x: Int, y: Int)) {
    let steps = max(abs(end.x - start.x), abs(end.y - start.y), 1)
    for step in 0...steps {
      let part = Double(step) / Double(steps)
      set(
        start.x + Int((Double(end.x - start.x) * part).rounded()),
        start.y + Int((Double(end.y - start.y) * part).rounded()))
    }
  }

  /// The rows without trailing blanks.
  func rowTexts() -> [String] {
    (0..<rows).map { row in
      var line = cells[row * columns..<(row + 1) * columns]
      while line.last == 0 { line.removeLast() }
      return String(String.UnicodeScalarView(line.compactMap { Unicode.Scalar(0x2800 + UInt32($0)) }))
        .replacingBlanks()
    }
  }
}

extension String {
  /// Empty Braille cells as spaces, which every font has.
  fileprivate func replacingBlanks() -> String {
    String(map { $0 == "\u{2800}" ? " " : $0 })
  }
}
