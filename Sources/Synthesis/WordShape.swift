import HostKit

/// A written word as polygons: x to the right from its start, y up from the line, in x-heights.
struct WordShape: Sendable {
  private(set) var contours: [[Spot]] = []
  private(set) var left: Float = 0
  private(set) var right: Float = 0
  private(set) var bottom: Float = 0
  private(set) var top: Float = 0
  /// How much wider than in the font the strokes are to become; negative for thinner ones.
  private(set) var thickening = Spot(x: 0, y: 0)
  private let strokeWidth: Float

  /// Writes `text`. Characters that the font has not are left out: see `HandwritingFont.canWrite`.
  init(_ text: String, font: HandwritingFont, hand: Hand, using random: inout SeededRandom) {
    var pen: Float = 0
    strokeWidth = font.strokeWidth
    // Joined letters take less of what would tear them apart.
    let freedom: Float = font.isJoined ? 0.35 : 1
    let wobble = Wobble(strength: hand.wobble, using: &random)
    for character in text {
      guard let glyph = font.glyphs[character] else { continue }
      let letter = Letter(hand: hand, freedom: freedom, using: &random)
      for contour in glyph.contours {
        contours.append(
          contour.map { spot in
            var spot = letter.moved(spot, within: glyph.advance)
            spot.x += pen
            spot = wobble.moved(spot)
            spot.x += hand.slant * spot.y
            return spot
          })
      }
      pen += glyph.advance * letter.width + (hand.spacing + hand.unevenness * 0.08 * random.bell()) * freedom
      pen = max(pen, 0)
    }
    thickening = Self.thickening(from: font.strokeWidth, to: hand.penWidth, nib: hand.nib)
    measure()
  }

  /// The word turned about the start of its line; `slope` is upwards per sideways.
  mutating func turn(slope: Float) {
    for index in contours.indices {
      for spot in contours[index].indices { contours[index][spot].y += contours[index][spot].x * slope }
    }
    measure()
  }

  /// The thickening in pixels at this many pixels per x-height; no stroke gets so thin that it is lost between pixels.
  func thickening(scale: Double) -> (x: Double, y: Double) {
    let least = Self.thinnestStroke - Double(strokeWidth) * scale
    return (max(Double(thickening.x) * scale, least), max(Double(thickening.y) * scale, least))
  }

  private static let thinnestStroke = 1.1

  private static func thickening(from width: Float, to wanted: Float, nib: Float) -> Spot {
    // Less than half of a font's stroke and it falls into pieces; much more and loops fill.
    let least = -0.45 * width
    let most = max(0.16, 0.6 * width)
    return Spot(x: min(max(wanted * nib - width, least), most), y: min(max(wanted - width, least), most))
  }

  private mutating func measure() {
    let spots = contours.joined()
    let (x, y) = (abs(thickening.x) / 2, abs(thickening.y) / 2)
    left = (spots.lazy.map(\.x).min() ?? 0) - x
    right = (spots.lazy.map(\.x).max() ?? 0) + x
    bottom = (spots.lazy.map(\.y).min() ?? 0) - y
    top = (spots.lazy.map(\.y).max() ?? 0) + y
  }
}

/// How one letter of a word differs from the font's.
private struct Letter {
  let width: Float
  private let height: Float
  private let turn: Float
  private let lift: Float
  private let hand: Hand

  init(hand: Hand, freedom: Float, using random: inout SeededRandom) {
    self.hand = hand
    width = hand.widthFactor * (1 + 0.09 * hand.unevenness * random.bell() * (0.5 + freedom / 2))
    height = 1 + 0.08 * hand.unevenness * random.bell() * freedom
    turn = 0.06 * hand.unevenness * random.bell() * freedom
    lift = 0.06 * hand.unevenness * random.bell() * freedom
  }

  func moved(_ spot: Spot, within advance: Float) -> Spot {
    var y = spot.y
    if y > 1 { y = 1 + (y - 1) * hand.ascenderFactor }
    if y < 0 { y *= hand.descenderFactor }
    let x = (spot.x - advance / 2) * width
    y *= height
    return Spot(x: x - y * turn + advance / 2 * width, y: y + x * turn + lift)
  }
}
