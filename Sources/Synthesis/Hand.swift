import HostKit

/// How one person writes: what stays the same from word to word. Lengths are in x-heights.
struct Hand: Sendable {
  /// Sideways per upwards; 0 upright, positive leans to the right.
  var slant: Float
  var widthFactor: Float
  /// Of what stands above the small letters, and of what hangs below the line.
  var ascenderFactor: Float
  var descenderFactor: Float
  /// Added after each letter.
  var spacing: Float
  /// Width of the strokes.
  var penWidth: Float
  /// Above 1 for a broad nib: upright strokes wider than level ones.
  var nib: Float
  /// How far letters bend out of shape.
  var wobble: Float
  /// How much letters differ from each other in size, turn and height on the line; about 0...1.
  var unevenness: Float

  /// Hands as different from each other as those of people are.
  init(using random: inout SeededRandom) {
    slant = random.chance(0.2) ? 0 : random.float(in: -0.25...0.45)
    widthFactor = random.logarithmic(in: 0.68...1.45)
    ascenderFactor = random.float(in: 0.7...1.35)
    descenderFactor = random.float(in: 0.7...1.3)
    spacing = random.chance(0.2) ? random.float(in: 0.15...0.5) : random.float(in: -0.08...0.18)
    penWidth = random.logarithmic(in: 0.06...0.24)
    nib = random.chance(0.2) ? random.float(in: 1...1.6) : 1
    wobble = random.float(in: 0.02...0.13)
    unevenness = random.float(in: 0.1...1)
  }

  /// The same person a moment later.
  func varied(using random: inout SeededRandom) -> Hand {
    var hand = self
    hand.slant += random.float(in: -0.06...0.06)
    hand.widthFactor *= random.float(in: 0.93...1.07)
    hand.penWidth *= random.float(in: 0.9...1.1)
    hand.wobble *= random.float(in: 0.7...1.4)
    return hand
  }
}

extension SeededRandom {
  mutating func float(in range: ClosedRange<Float>) -> Float {
    range.lowerBound + (range.upperBound - range.lowerBound) * Float(uniform())
  }

  /// Halving and doubling are equally likely.
  mutating func logarithmic(in range: ClosedRange<Float>) -> Float {
    let ratio = Double(range.upperBound / range.lowerBound)
    return range.lowerBound * Float(power(ratio, uniform()))
  }

  mutating func integer(in range: ClosedRange<Int>) -> Int {
    min(range.upperBound, range.lowerBound + Int(uniform() * Double(range.count)))
  }

  /// - Precondition: the collection is not empty.
  mutating func element<Items: RandomAccessCollection>(of items: Items) -> Items.Element {
    items[items.index(items.startIndex, offsetBy: integer(in: 0...items.count - 1))]
  }

  /// Roughly a bell curve of mean 0 and deviation 1, within +-3.5.
  mutating func bell() -> Float { Float(uniform() + uniform() + uniform() + uniform() - 2) * 1.732 }
}
