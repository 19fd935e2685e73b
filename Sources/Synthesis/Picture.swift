import HostKit
import ImageKit

/// An image in the making: shades of grey with fractions, so that light, ink and noise add up without rounding.
struct Picture {
  let width: Int
  let height: Int
  private var shades: [Float]

  /// A sheet of this paper without anything on it.
  init(width: Int, height: Int, paper: Paper, using random: inout SeededRandom) {
    self.width = width
    self.height = height
    shades = [Float](repeating: 0, count: width * height)
    let mottling = LatticeNoise(width: width, height: height, cell: paper.mottlingSize, using: &random)
    let size = Float(max(width, height))
    shades.withUnsafeMutableBufferPointer { shades in
      for y in 0..<height {
        let row = y * width
        let light = 1 + paper.lightDown * (Float(y) - Float(height) / 2) / size
        mottling.row(y, count: width) { x, noise in
          let across = paper.lightAcross * (Float(x) - Float(width) / 2) / size
          shades[row + x] = paper.shade * (light + across + paper.mottling * noise)
        }
      }
    }
  }

  /// Darkens the paper where `coverage` has ink; its corner is put at (x, y), and what does not fit is cut off.
  mutating func lay(_ coverage: InkImage, x left: Int, y top: Int, ink: Ink, using random: inout SeededRandom) {
    let fading = LatticeNoise(width: coverage.width, height: coverage.height, cell: ink.fadingSize, using: &random)
    var noise = NoiseBytes()
    let columns = max(0, -left)..<max(max(0, -left), min(coverage.width, width - left))
    shades.withUnsafeMutableBufferPointer { shades in
      coverage.pixels.withUnsafeBufferPointer { pixels in
        for y in max(0, -top)..<max(max(0, -top), min(coverage.height, height - top)) {
          let row = (y + top) * width + left
          fading.row(y, count: columns.upperBound) { x, fade in
            let covered = pixels[y * coverage.width + x]
            guard covered > 0, x >= columns.lowerBound else { return }
            var opacity = Float(covered) / 255 * ink.strength * (1 - ink.fading * (0.5 + fade))
            if ink.grain > 0 { opacity *= 1 - ink.grain * Float(noise.next(&random)) / 255 }
            shades[row + x] *= 1 - min(max(opacity, 0), 1)
          }
        }
      }
    }
  }

  /// Keeps what `coverage` covers, and shows `underneath` elsewhere. All three have the same size.
  mutating func putOver(_ underneath: Picture, where coverage: InkImage) {
    shades.withUnsafeMutableBufferPointer { shades in
      underneath.shades.withUnsafeBufferPointer { below in
        for index in shades.indices where coverage.pixels[index] < 255 {
          let share = Float(coverage.pixels[index]) / 255
          shades[index] = shades[index] * share + below[index] * (1 - share)
        }
      }
    }
  }

  /// Darkens one side with a soft straight edge: the camera's or the writer's shadow.
  mutating func castShadow(using random: inout SeededRandom) {
    let direction = random.float(in: 0...6.2832)
    let (across, down) = (cosine(direction), sine(direction))
    let edge = random.float(in: -0.2...0.35) * Float(max(width, height))
    let softness = random.logarithmic(in: 0.01...0.2) * Float(max(width, height))
    let strength = random.float(in: 0.1...0.4)
    shades.withUnsafeMutableBufferPointer { shades in
      for y in 0..<height {
        for x in 0..<width {
          let place = (Float(x) - Float(width) / 2) * across + (Float(y) - Float(height) / 2) * down
          let depth = min(max((place - edge) / softness, 0), 1)
          shades[y * width + x] *= 1 - strength * depth * depth * (3 - 2 * depth)
        }
      }
    }
  }

  /// Mixes each pixel with its neighbours: 0 nothing, 0.33 as blurred as three pixels get.
  mutating func blur(_ amount: Float) {
    guard amount > 0.01, width > 2, height > 2 else { return }
    mix(amount, lines: height, length: width, lineStep: width, step: 1)
    mix(amount, lines: width, length: height, lineStep: 1, step: width)
  }

  private mutating func mix(_ amount: Float, lines: Int, length: Int, lineStep: Int, step: Int) {
    shades.withUnsafeMutableBufferPointer { shades in
      for line in 0..<lines {
        var index = line * lineStep
        var before = shades[index]
        for place in 0..<length {
          let here = shades[index]
          let after = place + 1 < length ? shades[index + step] : here
          shades[index] = here + amount * (before + after - 2 * here)
          before = here
          index += step
        }
      }
    }
  }

  /// The finished image, with the noise of a camera of this strength (in grey levels).
  func finished(grain: Float, using random: inout SeededRandom) -> GreyImage {
    var pixels = [UInt8](repeating: 0, count: shades.count)
    var noise = NoiseBytes()
    // Two even bytes make a bell near enough; their sum deviates by 104.
    let scale = grain / 104
    pixels.withUnsafeMutableBufferPointer { pixels in
      shades.withUnsafeBufferPointer { shades in
        for index in shades.indices {
          let bell = Float(Int(noise.next(&random)) + Int(noise.next(&random)) - 255)
          pixels[index] = UInt8(min(max(shades[index] + bell * scale, 0), 255))
        }
      }
    }
    return GreyImage(width: width, height: height, pixels: pixels)
  }
}

/// Random bytes, eight from each number drawn.
private struct NoiseBytes {
  private var store: UInt64 = 0
  private var left = 0

  mutating func next(_ random: inout SeededRandom) -> UInt8 {
    if left == 0 {
      store = random.next()
      left = 8
    }
    left -= 1
    defer { store >>= 8 }
    return UInt8(truncatingIfNeeded: store)
  }
}
