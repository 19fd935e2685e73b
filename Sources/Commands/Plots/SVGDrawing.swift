/// A chart as an SVG document without outside references.
enum SVGDrawing {
  static func text(of chart: Chart) -> String {
    let height = PlotLayout.height(panels: chart.panels.count)
    let width = PlotLayout.width
    var lines = [
      #"<svg xmlns="http://www.w3.org/2000/svg" width="\#(width)" height="\#(height)""#
        + #" viewBox="0 0 \#(width) \#(height)" font-family="sans-serif" font-size="12">"#,
      #"<rect width="100%" height="100%" fill="white"/>"#,
      label(chart.title, x: PlotLayout.left, y: 20, anchor: "start", more: #" font-weight="bold""#),
    ]
    for (index, panel) in chart.panels.enumerated() { lines += drawing(of: panel, index) }
    return (lines + ["</svg>", ""]).joined(separator: "\n")
  }

  private static func drawing(of panel: Panel, _ index: Int) -> [String] {
    let frame = PlotLayout.frame(of: index)
    let middle = (frame.top + frame.bottom) / 2
    var lines = [label(panel.name, x: frame.left, y: frame.top - 6, anchor: "start")]
    for (text, y) in zip(panel.axis, [frame.top, middle, frame.bottom]) {
      lines.append(
        #"<line x1="\#(frame.left)" y1="\#(y)" x2="\#(frame.right)" y2="\#(y)" stroke="gainsboro"/>"#)
      lines.append(label(text, x: frame.left - 6, y: y + 4, anchor: "end"))
    }
    lines.append(label("0", x: frame.left, y: frame.bottom + 16, anchor: "start"))
    lines.append(label(panel.timeText, x: frame.right, y: frame.bottom + 16, anchor: "end"))
    let points = panel.places.map { PlotLayout.position(of: $0, in: index) }
    if points.count == 1 {
      lines.append(
        #"<circle cx="\#(fixed(points[0].x, 1))" cy="\#(fixed(points[0].y, 1))" r="3" fill="steelblue"/>"#)
    } else {
      let path = points.map { "\(fixed($0.x, 1)),\(fixed($0.y, 1))" }.joined(separator: " ")
      lines.append(#"<polyline points="\#(path)" fill="none" stroke="steelblue" stroke-width="1.5"/>"#)
    }
    return lines
  }

  private static func label(_ text: String, x: Int, y: Int, anchor: String, more: String = "") -> String {
    #"<text x="\#(x)" y="\#(y)" text-anchor="\#(anchor)"\#(more)>\#(escaped(text))</text>"#
  }

  private static func escaped(_ text: String) -> String {
    var result = ""
    for character in Table.plain(text) {
      switch character {
      case "&": result += "&amp;"
      case "<": result += "&lt;"
      case ">": result += "&gt;"
      default: result.append(character)
      }
    }
    return result
  }
}
