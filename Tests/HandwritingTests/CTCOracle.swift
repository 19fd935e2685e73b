import Glibc
import Handwriting
import HostKit

/// Readings of frames by trying every path: slow, and right without thought.
enum CTCOracle {
  /// Every text that the frames may carry, with its probability.
  static func texts(of scores: FrameScores) -> [[Int32]: Double] {
    var found: [[Int32]: Double] = [:]
    var path = [Int](repeating: 0, count: scores.frames)
    while true {
      let value = path.enumerated().reduce(0.0) { $0 + Double(scores[$1.offset, $1.element]) }
      found[collapsed(path), default: 0] += exp(value)
      guard let place = path.lastIndex(where: { $0 < scores.classes - 1 }) else { return found }
      path[place] += 1
      for later in (place + 1)..<max(scores.frames, place + 1) { path[later] = 0 }
    }
  }

  static func collapsed(_ path: [Int]) -> [Int32] {
    var text: [Int32] = []
    for (index, symbol) in path.enumerated() where symbol != 0 && (index == 0 || path[index - 1] != symbol) {
      text.append(Int32(symbol))
    }
    return text
  }

  /// Frames of any probabilities; the higher `contrast`, the surer.
  static func frames(_ frames: Int, classes: Int, contrast: Double = 2, random: inout SeededRandom) -> FrameScores {
    let logits = (0..<(frames * classes)).map { _ in Float(random.uniform(in: -contrast...contrast)) }
    return FrameScores(frames: frames, classes: classes, logits: logits)
  }

  /// Frames as a recogniser might give them for a text: per character two frames of it and one blank, each class with
  /// noise.
  static func frames(
    of text: String, charset: Charset, peak: Double = 6, noise: Double, random: inout SeededRandom
  ) -> FrameScores {
    var logits: [Float] = []
    var frames = 0
    for symbol in charset.encode(text) ?? [] {
      for seen in [symbol, symbol, 0] {
        frames += 1
        for index in 0..<charset.classCount {
          logits.append(Float((index == Int(seen) ? peak : 0) + random.uniform(in: -noise...noise)))
        }
      }
    }
    return FrameScores(frames: frames, classes: charset.classCount, logits: logits)
  }
}
