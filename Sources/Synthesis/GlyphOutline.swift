import CFreeType

/// A place in a glyph or a word, in x-heights of the font: x to the right, y up from the baseline.
struct Spot: Sendable, Equatable {
  var x: Float
  var y: Float
}

/// One letter of a font as closed polygons fine enough to be bent: curves and long lines are cut into short pieces, so
/// that whatever moves the points moves the whole stroke smoothly.
struct GlyphOutline: Sendable, Equatable {
  var contours: [[Spot]] = []
  /// How far the pen goes on to the next letter.
  var advance: Float = 0

  var isEmpty: Bool { contours.isEmpty }

  /// Twice the area over the length of the edge: the width of a stroke that is long and even.
  var strokeWidth: Float {
    var area: Float = 0
    var edge: Float = 0
    for contour in contours {
      for (here, next) in zip(contour, contour.dropFirst() + contour.prefix(1)) {
        area += here.x * next.y - next.x * here.y
        edge += ((next.x - here.x) * (next.x - here.x) + (next.y - here.y) * (next.y - here.y)).squareRoot()
      }
    }
    return edge > 0 ? abs(area) / edge : 0
  }

  var top: Float { contours.joined().map(\.y).max() ?? 0 }
  var right: Float { contours.joined().map(\.x).max() ?? 0 }
  var bottom: Float { contours.joined().map(\.y).min() ?? 0 }

  /// The same outline in other units.
  func scaled(by factor: Float) -> GlyphOutline {
    GlyphOutline(
      contours: contours.map { $0.map { Spot(x: $0.x * factor, y: $0.y * factor) } }, advance: advance * factor)
  }
}

/// Takes FreeType's moves, lines and curves and makes polygons of them.
struct OutlineFlattening {
  private(set) var contours: [[Spot]] = []
  private var last = Spot(x: 0, y: 0)
  private let scale: Float
  private let longestPiece: Float
  /// A glyph with more points than this is not handwriting; what follows is left out, as FreeType counts in 16 bits.
  private static let maximumPoints = 1500
  private var count = 0

  /// - Parameter unitsPerEm: the em of the font's own units; the polygons are in ems.
  init(unitsPerEm: Float) {
    scale = 1 / unitsPerEm
    longestPiece = 0.05
  }

  /// - Returns: nil when FreeType refuses the outline.
  static func contours(of outline: FT_Outline, unitsPerEm: Float) -> [[Spot]]? {
    var outline = outline
    var result = OutlineFlattening(unitsPerEm: unitsPerEm)
    var calls = FT_Outline_Funcs()
    calls.move_to = { to, context in OutlineFlattening.step(to, context) { $0.move(to: $1) } }
    calls.line_to = { to, context in OutlineFlattening.step(to, context) { $0.line(to: $1) } }
    calls.conic_to = { control, to, context in
      OutlineFlattening.step(to, context) { drawing, spot in
        guard let control else { return }
        drawing.conic(drawing.spot(control.pointee), to: spot)
      }
    }
    calls.cubic_to = { first, second, to, context in
      OutlineFlattening.step(to, context) { drawing, spot in
        guard let first, let second else { return }
        drawing.cubic(drawing.spot(first.pointee), drawing.spot(second.pointee), to: spot)
      }
    }
    let code = withUnsafeMutablePointer(to: &result) { FT_Outline_Decompose(&outline, &calls, $0) }
    guard code == 0 else { return nil }
    return result.contours.filter { $0.count > 2 }
  }

  private static func step(
    _ to: UnsafePointer<FT_Vector>?, _ context: UnsafeMutableRawPointer?,
    _ draw: (inout OutlineFlattening, Spot) -> Void
  ) -> Int32 {
    guard let to, let context else { return 1 }
    let drawing = context.assumingMemoryBound(to: OutlineFlattening.self)
    guard drawing.pointee.count < maximumPoints else { return 0 }
    draw(&drawing.pointee, drawing.pointee.spot(to.pointee))
    return 0
  }

  private func spot(_ vector: FT_Vector) -> Spot { Spot(x: Float(vector.x) * scale, y: Float(vector.y) * scale) }

  private mutating func move(to spot: Spot) {
    contours.append([spot])
    last = spot
    count += 1
  }

  private mutating func line(to spot: Spot) {
    let from = last
    append(pieces: pieces(from: from, to: spot, least: 1), end: spot) { t in
      Spot(x: from.x + (spot.x - from.x) * t, y: from.y + (spot.y - from.y) * t)
    }
  }

  private mutating func conic(_ control: Spot, to spot: Spot) {
    let from = last
    append(pieces: pieces(from: from, to: spot, least: 3), end: spot) { t in
      let u = 1 - t
      return Spot(
        x: u * u * from.x + 2 * u * t * control.x + t * t * spot.x,
        y: u * u * from.y + 2 * u * t * control.y + t * t * spot.y)
    }
  }

  private mutating func cubic(_ first: Spot, _ second: Spot, to spot: Spot) {
    let from = last
    append(pieces: pieces(from: from, to: spot, least: 4), end: spot) { t in
      let u = 1 - t
      let weights = (u * u * u, 3 * u * u * t, 3 * u * t * t, t * t * t)
      return Spot(
        x: weights.0 * from.x + weights.1 * first.x + weights.2 * second.x + weights.3 * spot.x,
        y: weights.0 * from.y + weights.1 * first.y + weights.2 * second.y + weights.3 * spot.y)
    }
  }

  private func pieces(from: Spot, to: Spot, least: Int) -> Int {
    let length = ((to.x - from.x) * (to.x - from.x) + (to.y - from.y) * (to.y - from.y)).squareRoot()
    return min(12, max(least, Int((length / longestPiece).rounded(.up))))
  }

  private mutating func append(pieces: Int, end: Spot, _ curve: (Float) -> Spot) {
    guard !contours.isEmpty else { return }
    for piece in 1..<max(pieces, 1) { contours[contours.count - 1].append(curve(Float(piece) / Float(pieces))) }
    contours[contours.count - 1].append(end)
    last = end
    count += pieces
  }
}
