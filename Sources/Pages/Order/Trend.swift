import ImageKit

/// Where a few neighbouring words of a line say that it runs: a straight line by weighted least squares, drawn towards
/// the words' own slopes where they are too few or too close to tell.
struct Trend {
  let x: Double
  let y: Double
  let slope: Double
  let height: Double

  init(_ words: some Collection<PlacedWord>) {
    let weight = words.reduce(0) { $0 + $1.width }
    let x = words.reduce(0) { $0 + $1.width * $1.centre.x } / weight
    let y = words.reduce(0) { $0 + $1.width * $1.centre.y } / weight
    let height = words.reduce(0) { $0 + $1.width * $1.height } / weight
    var (spread, fall) = (0.0, 0.0)
    for word in words {
      let (dx, dy) = (word.centre.x - x, word.centre.y - y)
      // A bar of its own length adds its own spread to that of the centres.
      let own = word.width * word.width / 12
      spread += word.width * (dx * dx + own)
      fall += word.width * (dx * dy + own * word.slope)
    }
    self.x = x
    self.y = y
    self.height = height
    // As if there were one more word, two heights wide, that is level.
    slope = fall / (spread + Self.levelling * weight * height * height)
  }

  private static let levelling = 1.0

  func y(at x: Double) -> Double { y + slope * (x - self.x) }

  /// How much of the lower band of two is within the other, where they are nearest: 1 all, 0 they only touch, below 0 apart.
  static func overlap(_ y: Double, _ height: Double, _ otherY: Double, _ otherHeight: Double) -> Double {
    let top = max(y - height / 2, otherY - otherHeight / 2)
    let bottom = min(y + height / 2, otherY + otherHeight / 2)
    return (bottom - top) / min(height, otherHeight)
  }
}
