/// A grey picture that lines and letters are drawn into.
struct PixelCanvas {
  let width, height: Int
  /// Row by row, 255 is white.
  private(set) var pixels: [UInt8]

  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    pixels = [UInt8](repeating: 255, count: width * height)
  }

  /// Lays ink on a pixel: 0 none, 1 all of `shade`; the darker of old and new stays.
  mutating func ink(_ x: Int, _ y: Int, _ amount: Double, shade: UInt8 = 0) {
    guard (0..<width).contains(x), (0..<height).contains(y) else { return }
    let value = 255 - (255 - Double(shade)) * min(max(amount, 0), 1)
    pixels[y * width + x] = min(pixels[y * width + x], UInt8(value.rounded()))
  }

  mutating func horizontal(from left: Int, to right: Int, y: Int, shade: UInt8) {
    for x in left...right { ink(x, y, 1, shade: shade) }
  }

  /// A smooth line: each pixel's ink is how far the line's width covers it.
  mutating func line(
    from start: (x: Double, y: Double), to end: (x: Double, y: Double), thickness: Double = 1.6
  ) {
    let dx = end.x - start.x
    let dy = end.y - start.y
    let square = dx * dx + dy * dy
    let reach = thickness / 2 + 1
    let rows = Int((min(start.y, end.y) - reach).rounded(.down))...Int((max(start.y, end.y) + reach).rounded(.up))
    let columns = Int((min(start.x, end.x) - reach).rounded(.down))...Int((max(start.x, end.x) + reach).rounded(.up))
    for y in rows {
      for x in columns {
        let px = Double(x) - start.x
        let py = Double(y) - start.y
        let part = square > 0 ? min(max((px * dx + py * dy) / square, 0), 1) : 0
        let offX = px - part * dx
        let offY = py - part * dy
        let distance = (offX * offX + offY * offY).squareRoot()
        if distance < reach { ink(x, y, thickness / 2 + 0.5 - distance, shade: 40) }
      }
    }
  }

  /// Letters of six by eight pixels; `x` and `y` are the left upper corner.
  mutating func text(_ text: String, x: Int, y: Int, shade: UInt8 = 60) {
    for (index, character) in text.enumerated() {
      for (column, bits) in BitmapFont.columns(of: character).enumerated() {
        for row in 0..<8 where bits & (1 << row) != 0 {
          ink(x + index * BitmapFont.advance + column, y + row, 1, shade: shade)
        }
      }
    }
  }
}
