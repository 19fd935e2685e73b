import Glibc
import HostKit
import TensorKit
import Testing

/// The loss of a map of probabilities, against its definition and its own slopes.
@Suite struct MapLossTests {
  /// One map of several, with targets and weights.
  private struct Case {
    let cells: Int
    let stride: Int
    var logits: [Float]
    let target: [UInt8]
    let weight: [Float]

    init(cells: Int, stride: Int = 2, positives: Double, seed: UInt64) {
      var random = SeededRandom(seed: seed)
      self.cells = cells
      self.stride = stride
      logits = (0..<cells * stride).map { _ in Float(random.uniform(in: -4...4)) }
      target = (0..<cells).map { _ in random.chance(positives) ? 1 : 0 }
      weight = (0..<cells).map { _ in [0, 1, 1, 2.5][Int(random.uniform() * 4)] }
    }

    func loss(scale: Float = 1) -> (value: Double, gradient: [Float]) {
      var loss = MapLoss()
      var gradient = [Float](repeating: .nan, count: logits.count)
      let value = target.withUnsafeBufferPointer { target in
        weight.withUnsafeBufferPointer { weight in
          loss(logits, stride: stride, target: target, weight: weight, scale: scale, gradient: &gradient)
        }
      }
      return (value, gradient)
    }

    /// All negatives count: with so many positives the hardest are all of them.
    var reference: Double {
      var (entropy, chosen, inside, sum) = (0.0, 0.0, 0.0, 0.0)
      for cell in 0..<cells {
        let p = 1 / (1 + exp(-Double(logits[cell * stride])))
        let (t, w) = (Double(target[cell]), Double(weight[cell]))
        entropy -= w * log(t == 1 ? p : 1 - p)
        chosen += w
        inside += w * p * t
        sum += w * (p * p + t)
      }
      return entropy / chosen + 1 - (2 * inside + 1) / (sum + 1)
    }
  }

  @Test(arguments: [1, 2, 3])
  func `with many positives it is cross-entropy plus Dice`(stride: Int) {
    let one = Case(cells: 200, stride: stride, positives: 0.5, seed: 1)
    let (found, expected) = (one.loss().value, one.reference)
    #expect(abs(found - expected) < 1e-4 * expected, "\(found) instead of \(expected)")
  }

  @Test(arguments: [0.5, 0.05, 0])
  func `the gradient is its slope`(positives: Double) {
    let one = Case(cells: 96, positives: positives, seed: 2)
    let gradient = one.loss().gradient
    var compared = 0
    for cell in 0..<96 {
      func value(_ shift: Float) -> Double {
        var moved = one
        moved.logits[cell * 2] += shift
        return moved.loss().value
      }
      let (wide, narrow) = ((value(0.02) - value(-0.02)) / 0.04, (value(0.01) - value(-0.01)) / 0.02)
      // Where they differ, a cell enters or leaves the hardest negatives within the step.
      guard abs(wide - narrow) < 1e-3 * max(abs(narrow), 0.01) else { continue }
      compared += 1
      #expect(abs(narrow - Double(gradient[cell * 2])) < 2e-2 * max(abs(narrow), 0.005), "cell \(cell)")
    }
    #expect(compared > 60)
  }

  @Test func `other maps' gradients are left alone, and cells without weight have none`() {
    let one = Case(cells: 64, positives: 0.3, seed: 3)
    let gradient = one.loss().gradient
    #expect(stride(from: 1, to: 128, by: 2).allSatisfy { gradient[$0].isNaN })
    #expect((0..<64).allSatisfy { one.weight[$0] > 0 || gradient[2 * $0] == 0 })
  }

  @Test func `the scale multiplies the gradient, not the loss`() {
    let one = Case(cells: 64, positives: 0.3, seed: 4)
    let (plain, scaled) = (one.loss(), one.loss(scale: 0.25))
    #expect(plain.value == scaled.value)
    for cell in 0..<64 { #expect(abs(scaled.gradient[2 * cell] - plain.gradient[2 * cell] / 4) < 1e-7) }
  }

  @Test func `of easy negatives only the hardest count`() {
    var one = Case(cells: 4096, stride: 1, positives: 0, seed: 5)
    // 32 hard cells among easy ones: half of what is looked at where there is no word.
    for cell in 0..<4096 { one.logits[cell] = cell < 32 ? 3 : -6 }
    let gradient = one.loss().gradient
    let easy = (32..<4096).map { abs(gradient[$0]) }.max() ?? 0
    let hard = (0..<32).filter { one.weight[$0] > 0 }.map { abs(gradient[$0]) }.min() ?? 0
    #expect(hard > 100 * easy)
  }

  @Test func `a map without any weight costs nothing and moves nothing`() {
    let one = Case(cells: 32, positives: 0.5, seed: 6)
    var loss = MapLoss()
    var gradient = [Float](repeating: .nan, count: 64)
    let weight = [Float](repeating: 0, count: 32)
    let value = one.target.withUnsafeBufferPointer { target in
      weight.withUnsafeBufferPointer {
        loss(one.logits, stride: 2, target: target, weight: $0, scale: 1, gradient: &gradient)
      }
    }
    #expect(value == 0)
    #expect((0..<32).allSatisfy { gradient[2 * $0] == 0 })
  }
}
