import Glibc
internal import HostKit

/// How strong ink of each strength is shown.
struct InkTone {
  private let contrast: Float
  private let gamma: Float

  init(_ settings: AugmentationSettings, random: inout SeededRandom) {
    contrast = Float(InkTone.draw(settings.contrast, &random))
    gamma = Float(InkTone.draw(settings.gamma, &random))
  }

  private static func draw(_ range: ClosedRange<Double>, _ random: inout SeededRandom) -> Double {
    range.lowerBound < range.upperBound ? random.uniform(in: range) : range.lowerBound
  }

  func fillStrengths(_ scratch: inout WarpScratch) {
    scratch.strengths.makeRoom(256)
    for strength in 0..<256 {
      let plain = Float(strength) / 255
      let shown = gamma == 1 ? plain : powf(plain, gamma)
      scratch.strengths[strength] = min(1, shown * contrast)
    }
  }
}
