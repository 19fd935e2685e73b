import HostKit

/// A sheet under its light.
struct Paper: Sendable {
  enum Ruling: Sendable { case none, lines, squares }

  /// Grey of the paper in the middle.
  var shade: Float
  /// How much lighter one side is than the other, as a share of the shade.
  var lightAcross: Float
  var lightDown: Float
  /// Clouds in the paper, as a share of the shade, and their size in pixels.
  var mottling: Float
  var mottlingSize: Float
  /// The camera's noise in grey levels.
  var grain: Float
  var ruling: Ruling
  /// How dark printed lines are, 0...1.
  var rulingStrength: Float

  /// Scans (white and even) one time in four, photographs otherwise.
  init(using random: inout SeededRandom) {
    let isScan = random.chance(0.25)
    shade = isScan ? random.float(in: 225...252) : random.float(in: 95...238)
    lightAcross = isScan ? 0 : random.bell() * 0.13
    lightDown = isScan ? 0 : random.bell() * 0.13
    mottling = isScan ? random.float(in: 0...0.02) : random.float(in: 0.01...0.09)
    mottlingSize = random.logarithmic(in: 2...40)
    grain = isScan ? random.float(in: 0.3...2.5) : random.float(in: 0.004...0.024) * shade
    ruling = random.chance(0.72) ? .none : random.chance(0.6) ? .lines : .squares
    rulingStrength = random.float(in: 0.06...0.3)
  }
}

/// What is in the pen.
struct Ink: Sendable {
  /// How much of the light full ink takes, 0...1.
  var strength: Float
  /// How much of the ink may be missing in places, and how large these are in pixels.
  var fading: Float
  var fadingSize: Float
  /// Holes as a pencil leaves them, 0...1.
  var grain: Float
  /// How blurred the picture is, 0...0.33.
  var blur: Float

  init(using random: inout SeededRandom) {
    let isPencil = random.chance(0.2)
    strength = isPencil ? random.float(in: 0.35...0.65) : random.float(in: 0.45...0.97)
    fading = random.chance(0.5) ? 0 : random.float(in: 0.1...0.5)
    fadingSize = random.logarithmic(in: 4...40)
    grain = isPencil ? random.float(in: 0.15...0.55) : random.chance(0.3) ? random.float(in: 0...0.3) : 0
    blur = random.chance(0.3) ? 0 : random.float(in: 0...0.3)
  }

  /// Printed lines and squares.
  init(printed strength: Float) {
    self.strength = strength
    fading = 0
    fadingSize = 100
    grain = 0
    blur = 0
  }
}
