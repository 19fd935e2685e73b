import HostKit

/// A smooth field that pushes the points of a word about: neighbours go the same way, letters a little apart do not, so
/// the same letter never comes out the same twice while strokes stay joined.
struct Wobble {
  private struct Wave {
    var alongX: Float
    var alongY: Float
    var phase: Float
    var pushX: Float
    var pushY: Float
  }

  private var waves: [Wave] = []

  /// - Parameter strength: the usual distance a point moves, in x-heights.
  init(strength: Float, using random: inout SeededRandom) {
    for _ in 0..<5 {
      // Long waves bend further than short ones, which would make strokes hairy.
      let length = random.logarithmic(in: 0.8...6)
      let direction = random.float(in: 0...6.2832)
      let height = strength * min(1.4, (length / 2).squareRoot()) * 0.6
      waves.append(
        Wave(
          alongX: cosine(direction) * 6.2832 / length, alongY: sine(direction) * 6.2832 / length,
          phase: random.float(in: 0...6.2832), pushX: height * random.bell(), pushY: height * random.bell()))
    }
  }

  func moved(_ spot: Spot) -> Spot {
    var result = spot
    for wave in waves {
      let height = sine(spot.x * wave.alongX + spot.y * wave.alongY + wave.phase)
      result.x += wave.pushX * height
      result.y += wave.pushY * height
    }
    return result
  }
}
