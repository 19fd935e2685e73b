import ImageKit
import Reports

/// A chart as a PNG picture.
enum PNGDrawing {
  private static let ink = Colour(0x20_4A87)

  static func bytes(of chart: Chart) throws(ImageFault) -> [UInt8] {
    var canvas = Canvas(width: PlotLayout.width, height: PlotLayout.height(panels: chart.panels.count))
    canvas.text(chart.title, x: PlotLayout.left, y: 12, colour: Colour(grey: 0))
    for (index, panel) in chart.panels.enumerated() { draw(panel, index, on: &canvas) }
    return try ImageEncoder.png(canvas.image)
  }

  private static func draw(_ panel: Panel, _ index: Int, on canvas: inout Canvas) {
    let frame = PlotLayout.frame(of: index)
    canvas.text(panel.name, x: frame.left, y: frame.top - 12, colour: Colour(grey: 0))
    let middle = (frame.top + frame.bottom) / 2
    for (text, y) in zip(panel.axis, [frame.top, middle, frame.bottom]) {
      canvas.fill(
        left: frame.left, top: y, width: frame.right - frame.left + 1, height: 1, colour: Colour(grey: 215))
      canvas.text(text, x: frame.left - 6 - text.count * BitmapFont.advance, y: y - 4)
    }
    canvas.text("0", x: frame.left, y: frame.bottom + 6)
    canvas.text(
      panel.timeText, x: frame.right - panel.timeText.count * BitmapFont.advance, y: frame.bottom + 6)
    let points = panel.places.map { place -> Point in
      let position = PlotLayout.position(of: place, in: index)
      return Point(x: position.x, y: position.y)
    }
    for (index, point) in points.enumerated() {
      canvas.line(
        from: points[max(0, index - 1)], to: point, thickness: points.count == 1 ? 5 : 1.6, colour: ink)
    }
  }
}
