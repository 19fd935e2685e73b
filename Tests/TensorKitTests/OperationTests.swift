import CKernels
import Glibc
import HostKit
import TensorKit
import Testing

/// Passes over rows and sequences.
@Suite struct OperationTests {
  @Test(arguments: [(1, 2, 0.5), (3, 7, 2.0), (2, 101, 40.0), (5, 16, 0.0)])
  func `log softmax is the definition's`(rows: Int, classes: Int, scale: Double) {
    let x = Tensor(Shape(time: rows, batch: 1, channels: classes), seed: 1, scale: scale)
    let given = x.doubles
    x.applyLogSoftmax()
    let expected = (0..<rows).flatMap { row in
      let numbers = given[row * classes..<(row + 1) * classes]
      let top = numbers.max() ?? 0
      let whole = top + log(numbers.reduce(0) { $0 + exp($1 - top) })
      return numbers.map { $0 - whole }
    }
    expectClose(x.values, expected, within: 1e-6)
  }

  @Test(arguments: ElementType.both, ElementType.both)
  func `axes are swapped, and back`(from: ElementType, to: ElementType) {
    let (batch, time, channels) = (3, 5, 7)
    let map = Tensor(Shape(batch: batch, height: 1, width: time, channels: channels), from, seed: 1)
    let sequence = Tensor(Shape(time: time, batch: batch, channels: channels), to)
    sequence.takeTimeFirst(map)
    let (given, found) = (map.values, sequence.values)
    var expected: [Float] = []
    for step in 0..<time {
      for member in 0..<batch {
        let start = (member * time + step) * channels
        expected += given[start..<start + channels]
      }
    }
    expectClose(found, expected.doubles, within: from == to || to == .float32 ? 0 : ElementType.bfloat16.tolerance)
    #expect(sequence.shape == Shape(time: time, batch: batch, channels: channels))
    let back = Tensor(map.shape, to)
    back.takeBatchFirst(sequence)
    expectClose(back.values, given.doubles, within: to == .float32 || from == to ? 0 : ElementType.bfloat16.tolerance)
    #expect(back.shape == map.shape)
  }

  @Test(arguments: ElementType.both, [false, true])
  func `a bias is added to every row`(type: ElementType, relu: Bool) {
    let (rows, channels) = (5, 9)
    let x = Tensor(Shape(time: rows, batch: 1, channels: channels), type, seed: 1)
    let bias = seededNumbers(2, channels)
    let expected = x.doubles.enumerated().map { index, value in
      let sum = value + Double(bias[index % channels])
      return relu ? max(0, sum) : sum
    }
    htr_add_bias(type.kernelType, Int64(rows), Int32(channels), bias, relu ? 1 : 0, x.address)
    expectClose(x.values, expected, within: type.tolerance)
  }

  @Test(arguments: ElementType.both)
  func `column sums are added to what is there`(type: ElementType) {
    let (rows, channels) = (33, 5)
    let x = Tensor(Shape(time: rows, batch: 1, channels: channels), type, seed: 1)
    var sums = seededNumbers(2, channels)
    let expected = sums.indices.map { column in
      x.doubles.enumerated().reduce(Double(sums[column])) { $1.offset % channels == column ? $0 + $1.element : $0 }
    }
    htr_add_column_sums(type.kernelType, Int64(rows), Int32(channels), x.address, &sums)
    expectClose(sums, expected, within: 1e-5)
  }

  @Test func `tensors are added number by number`() {
    let shape = Shape(time: 3, batch: 2, channels: 5)
    let (left, right) = (Tensor(shape, seed: 1), Tensor(shape, seed: 2))
    let expected = zip(left.values, right.values).map { $0 + $1 }
    left.add(right)
    #expect(left.values == expected)
  }

  /// The nearest bfloat16 by looking at both neighbours; the even one when both are as near.
  private static func rounded(_ value: Float) -> Float {
    let below = value.bitPattern & 0xFFFF_0000
    let (down, up) = (Float(bitPattern: below), Float(bitPattern: below &+ 0x1_0000))
    // Beyond the largest, rounding goes on as if the next number of the grid were there.
    let reach = up.isInfinite ? Double(down) * 2 - Double(Float(bitPattern: below &- 0x1_0000)) : Double(up)
    let (toDown, toUp) = (abs(Double(value) - Double(down)), abs(reach - Double(value)))
    if toDown != toUp { return toDown < toUp ? down : up }
    return below >> 16 & 1 == 0 ? down : up
  }

  @Test func `bfloat16 numbers are the nearest, ties to even`() {
    var random = SeededRandom(seed: 5)
    var given: [Float] = [
      0, -0.0, 1, -1, 1.00390625, 1.01171875, 3.140625, .greatestFiniteMagnitude, -.greatestFiniteMagnitude,
      .leastNormalMagnitude, 65_504, 1e-30, 3.3895314e38,
    ]
    while given.count < 2_000 {
      let value = Float(bitPattern: UInt32(truncatingIfNeeded: random.next()))
      if value.isNormal { given.append(value) }
    }
    let x = Tensor(Shape(time: given.count, batch: 1, channels: 1), .bfloat16, given)
    let found = x.values
    for (given, found) in zip(given, found) where found.bitPattern != Self.rounded(given).bitPattern {
      Issue.record("\(given) became \(found), not \(Self.rounded(given))")
    }
    let infinite = Tensor(Shape(time: 2, batch: 1, channels: 1), .bfloat16, [.infinity, -.infinity])
    #expect(infinite.values == [.infinity, -.infinity])
  }
}
