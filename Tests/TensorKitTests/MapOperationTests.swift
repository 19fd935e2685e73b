import HostKit
import TensorKit
import Testing

/// Maps of different resolutions, and pictures as blocks.
@Suite struct MapOperationTests {
  private static let fine = Shape(batch: 2, height: 4, width: 6, channels: 32)
  private static let coarse = Shape(batch: 2, height: 2, width: 3, channels: 32)

  /// The cell of the coarse map above a cell of the fine one.
  private static func above(_ index: Int) -> Int {
    let (channel, cell) = (index % fine.channels, index / fine.channels)
    let (x, y) = (cell % fine.width, cell / fine.width % fine.height)
    let picture = cell / fine.width / fine.height
    return ((picture * coarse.height + y / 2) * coarse.width + x / 2) * coarse.channels + channel
  }

  @Test(arguments: ElementType.both)
  func `each coarse cell is added to the four below it`(type: ElementType) {
    let (fine, coarse) = (Tensor(Self.fine, type, seed: 1), Tensor(Self.coarse, type, seed: 2))
    let sum = Tensor(Self.fine, type)
    sum.takeSum(fine, upsampled: coarse)
    let (x, y) = (fine.doubles, coarse.doubles)
    expectClose(sum.values, x.indices.map { x[$0] + y[Self.above($0)] }, within: type.tolerance)
    #expect(sum.shape == Self.fine)
  }

  @Test(arguments: ElementType.both)
  func `block sums are the reverse`(type: ElementType) {
    let gradient = Tensor(Self.fine, type, seed: 3)
    let sums = Tensor(Self.coarse, type)
    sums.takeBlockSums(gradient)
    var expected = [Double](repeating: 0, count: Self.coarse.count)
    for (index, value) in gradient.doubles.enumerated() { expected[Self.above(index)] += value }
    expectClose(sums.values, expected, within: type.tolerance)
    #expect(sums.shape == Self.coarse)
  }

  @Test(arguments: ElementType.both)
  func `maps of either type are added`(type: ElementType) {
    let (left, right) = (Tensor(Self.coarse, type, seed: 1), Tensor(Self.coarse, type, seed: 2))
    let expected = zip(left.doubles, right.doubles).map { $0 + $1 }
    left.add(right)
    expectClose(left.values, expected, within: type.tolerance)
  }

  @Test(arguments: ElementType.both, ElementType.both)
  func `numbers are taken over from either type`(from: ElementType, to: ElementType) {
    let given = Tensor(Self.coarse, from, seed: 1)
    let taken = Tensor(Self.fine, to)
    taken.takeConverted(given)
    #expect(taken.shape == Self.coarse)
    expectClose(taken.values, given.doubles, within: ElementType.bfloat16.tolerance)
  }

  @Test(arguments: ElementType.both)
  func `four by four pixels become the channels of one cell, row by row`(type: ElementType) {
    let cells = Tensor(Shape(batch: 2, height: 2, width: 3, channels: 16), type)
    var random = SeededRandom(seed: 1)
    let picture = (0..<8 * 12).map { _ in UInt8(truncatingIfNeeded: random.next()) }
    picture.withUnsafeBufferPointer { cells.takeBlocks(of: $0, index: 1) }
    let expected = (0..<6 * 16).map { index in
      let (channel, cell) = (index % 16, index / 16)
      let (x, y) = (cell % 3 * 4 + channel % 4, cell / 3 * 4 + channel / 4)
      return Double(picture[y * 12 + x]) / 255
    }
    expectClose(Array(cells.values[96...]), expected, within: type.tolerance)
    #expect(cells.values[..<96].allSatisfy { $0 == 0 })
  }
}
