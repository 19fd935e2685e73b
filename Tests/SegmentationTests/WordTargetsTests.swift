import ImageKit
import Testing

@testable import Segmentation

/// What a network is to say of a picture.
@Suite struct WordTargetsTests {
  private static func box(_ x: Double, _ y: Double, _ width: Double, _ height: Double) -> [Point] {
    [
      Point(x: x, y: y), Point(x: x + width, y: y), Point(x: x + width, y: y + height), Point(x: x, y: y + height),
    ]
  }

  private static func drawn(_ words: [WordOutline], cell: Double = 4) -> WordTargets {
    var targets = WordTargets(width: 20, height: 10)
    targets.draw(words, cell: cell)
    return targets
  }

  /// Rows of a map as text, to be looked at.
  private static func picture(_ map: [UInt8]) -> [String] {
    (0..<10).map { row in map[row * 20..<row * 20 + 20].map { $0 == 0 ? "." : "#" }.joined() }
  }

  @Test func `a word is its polygon's cells, its middle the shrunk polygon's`() {
    // 12 x 6 cells from (4.25, 2.25) on; the edges move in by 72 * 0.75 / 36 = 1.5 cells.
    let targets = Self.drawn([WordOutline(polygon: Self.box(17, 9, 48, 24), isReadable: true)])
    #expect(
      Self.picture(targets.text) == [
        "....................", "....................", "....############....", "....############....",
        "....############....", "....############....", "....############....", "....############....",
        "....................", "....................",
      ])
    #expect(
      Self.picture(targets.kernel) == [
        "....................", "....................", "....................", "....................",
        "......#########.....", "......#########.....", "......#########.....", "....................",
        "....................", "....................",
      ])
  }

  @Test func `middles of words that touch stay apart`() {
    let targets = Self.drawn([
      WordOutline(polygon: Self.box(4, 8, 32, 24), isReadable: true),
      WordOutline(polygon: Self.box(30, 8, 40, 24), isReadable: true),
    ])
    for row in Self.picture(targets.kernel) where row.contains("#") {
      #expect(row.split(separator: ".").count == 2, "\(row)")
    }
  }

  @Test func `a cell that two middles claim belongs to neither`() {
    let box = Self.box(8, 8, 40, 24)
    let targets = Self.drawn([
      WordOutline(polygon: box, isReadable: true), WordOutline(polygon: box, isReadable: true),
    ])
    #expect(!targets.kernel.contains(1))
    #expect(targets.text.count { $0 == 1 } == 60)
  }

  @Test func `a word smaller than a cell has a middle of one cell, which counts more than its share`() {
    let targets = Self.drawn([
      WordOutline(polygon: Self.box(10, 10, 2, 2), isReadable: true),
      WordOutline(polygon: Self.box(24, 4, 48, 32), isReadable: true),
    ])
    #expect(targets.kernel[2 * 20 + 2] == 1)
    #expect(targets.kernelWeight[2 * 20 + 2] == 4)
    let large = targets.kernel.indices.first { targets.kernel[$0] == 1 && $0 % 20 > 6 }
    #expect(large.map { targets.kernelWeight[$0] < 1 } == true)
  }

  @Test func `what nobody can read is neither learnt nor unlearnt`() {
    let targets = Self.drawn([WordOutline(polygon: Self.box(8, 8, 16, 8), isReadable: false)])
    #expect(!targets.text.contains(1) && !targets.kernel.contains(1))
    #expect(targets.kernelWeight.count { $0 == 0 } == 8)
    #expect(targets.textWeight.count { $0 == 0 } == 8)
  }

  @Test(arguments: [
    [], [Point(x: 1, y: 1)], box(-100, -100, 20, 20), box(1000, 1000, 50, 50), box(8, 8, 0, 0),
    [Point(x: .nan, y: 0), Point(x: 1, y: 1), Point(x: 2, y: 0)],
    [Point(x: .infinity, y: 0), Point(x: 1, y: 1), Point(x: 2, y: .infinity)],
    [Point(x: -1e12, y: -1e12), Point(x: 1e12, y: -1e12), Point(x: 0, y: -1e11)],
  ])
  func `polygons that are not in the picture leave it empty`(polygon: [Point]) {
    let targets = Self.drawn([WordOutline(polygon: polygon, isReadable: true)])
    #expect(!targets.text.contains(1) && !targets.kernel.contains(1))
  }

  @Test func `a second drawing knows nothing of the first`() {
    var targets = WordTargets(width: 20, height: 10)
    targets.draw([WordOutline(polygon: Self.box(8, 8, 40, 24), isReadable: true)], cell: 4)
    targets.draw([], cell: 4)
    #expect(!targets.text.contains(1) && !targets.kernel.contains(1))
    #expect(targets.kernelWeight.allSatisfy { $0 == 1 })
  }
}
