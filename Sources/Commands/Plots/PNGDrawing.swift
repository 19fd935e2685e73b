/// A chart as a PNG picture.
enum PNGDrawing {
  static func bytes(of chart: Chart) -> [UInt8] {
    var canvas = PixelCanvas(
      width: PlotLayout.width, height: PlotLayout.height(panels: chart.panels.count))
    canvas.text(chart.title, x: PlotLayout.left, y: 12, shade: 0)
    for (index, panel) in chart.panels.enumerated() { draw(panel, index, on: &canvas) }
    return PNGEncoder.encode(canvas)
  }

  private static func draw(_ panel: Panel, _ index: Int, on canvas: inout PixelCanvas) {
    let frame = PlotLayout.frame(of: index)
    canvas.text(panel.name, x: frame.left, y: frame.top - 12, shade: 0)
    let middle = (frame.top + frame.bottom) / 2
    for (text, y) in zip(panel.axis, [frame.top, middle, frame.bottom]) {
      canvas.horizontal(from: frame.left, to: frame.right, y: y, shade: 215)
      canvas.text(text, x: frame.left - 6 - text.count * BitmapFont.advance, y: y - 4)
    }
    canvas.text("0", x: frame.left, y: frame.bottom + 6)
    canvas.text(
      panel.timeText, x: frame.right - panel.timeText.count * BitmapFont.advance, y: frame.bottom + 6)
    let points = panel.places.map { PlotLayout.position(of: $0, in: index) }
    for (index, point) in points.enumerated() {
      canvas.line(from: points[max(0, index - 1)], to: point, thickness: points.count == 1 ? 5 : 1.6)
    }
  }
}
