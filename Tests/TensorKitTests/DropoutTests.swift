import TensorKit
import Testing

/// Dropout: a mask that is drawn from a seed, not kept.
@Suite struct DropoutTests {
  private static let shape = Shape(time: 100, batch: 4, channels: 50)

  private static func dropped(
    _ x: Tensor, rate: Float = 0.25, seed: UInt64
  ) -> [Float] {
    let y = Tensor(x.shape, x.type)
    y.takeDropout(x, rate: rate, seed: seed)
    return y.values
  }

  /// Which places of the mask are zero.
  private static func holes(seed: UInt64, rate: Float = 0.25, type: ElementType = .float32) -> [Bool] {
    let ones = Tensor(shape, type, [Float](repeating: 1, count: shape.count))
    return dropped(ones, rate: rate, seed: seed).map { $0 == 0 }
  }

  @Test(arguments: ElementType.both, [Float(0), 0.1, 0.25, 0.5])
  func `the rate is the share of zeros, and the mean stays`(type: ElementType, rate: Float) {
    let holes = Self.holes(seed: 1, rate: rate, type: type)
    let share = Double(holes.count { $0 }) / Double(holes.count)
    // Four standard deviations of a share of 20 000 draws are 0.014 at most.
    #expect(abs(share - Double(rate)) < 0.015)
    let x = Tensor(Self.shape, type, seed: 2)
    let found = Self.dropped(x, rate: rate, seed: 1)
    let expected = zip(x.values, holes).map { $1 ? 0 : Double($0) / (1 - Double(rate)) }
    expectClose(found, expected, within: type == .float32 ? 1e-6 : type.tolerance)
  }

  @Test func `the backward pass has the mask of the forward pass`() {
    let forward = Self.dropped(Tensor(Self.shape, .bfloat16, seed: 3), seed: 77).map { $0 == 0 }
    let gradient = Tensor(Self.shape, seed: 4)
    gradient.takeDropout(gradient, rate: 0.25, seed: 77)
    #expect(gradient.values.map { $0 == 0 } == forward)
  }

  /// Masks of seeds that differ in any bit share no more zeros than chance has it.
  @Test(arguments: [(1, 2), (1, 1 << 32 | 1), (0, 1 << 63), (41, 42), (0, .max)] as [(UInt64, UInt64)])
  func `other seeds have other masks`(first: UInt64, second: UInt64) {
    let both = zip(Self.holes(seed: first), Self.holes(seed: second)).count { $0 && $1 }
    let share = Double(both) / Double(Self.shape.count)
    #expect(abs(share - 0.0625) < 0.008)
  }

  @Test func `neighbouring places are independent`() {
    let holes = Self.holes(seed: 12)
    for distance in [1, 2, 4, 50, 200] {
      let pairs = zip(holes, holes.dropFirst(distance)).count { $0 && $1 }
      #expect(abs(Double(pairs) / Double(holes.count) - 0.0625) < 0.008, "\(distance) apart")
    }
  }
}
