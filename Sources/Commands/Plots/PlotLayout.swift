/// Where things stand in a drawn plot, in pixels; SVG and PNG share it.
enum PlotLayout {
  static let width = 800
  static let panelHeight = 240
  static let titleHeight = 30
  static let left = 90
  static let right = 20
  static let top = 24
  static let bottom = 26

  static func height(panels: Int) -> Int { titleHeight + panels * panelHeight }

  /// The frame of a panel's drawing.
  static func frame(of index: Int) -> (left: Int, top: Int, right: Int, bottom: Int) {
    let start = titleHeight + index * panelHeight
    return (left, start + top, width - right, start + panelHeight - bottom)
  }

  static func position(of place: Panel.Place, in index: Int) -> (x: Double, y: Double) {
    let frame = frame(of: index)
    return (
      Double(frame.left) + place.x * Double(frame.right - frame.left),
      Double(frame.bottom) - place.y * Double(frame.bottom - frame.top)
    )
  }
}
