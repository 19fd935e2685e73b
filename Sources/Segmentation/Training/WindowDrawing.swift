import HostKit
import ImageKit

/// Draws a training window of a page and the targets that belong to it. One for each thread.
struct WindowDrawing {
  private let side: Int
  private var picture: [UInt8]
  private(set) var targets: WordTargets
  private var scratch = WarpScratch()
  /// How often a window is put anywhere on the page, to see margins and empty paper too.
  private static let anywhere = 0.1

  init(side: Int) {
    self.side = side
    picture = [UInt8](repeating: 0, count: side * side)
    let cells = side / SegmentationArchitecture.cell
    targets = WordTargets(width: cells, height: cells)
  }

  /// Leaves the targets in `targets`.
  ///
  /// - Parameter take: gets the picture, `side * side` bytes.
  mutating func draw(
    _ page: TrainingPage, _ augmentation: PageAugmentation, random: inout SeededRandom,
    take: (UnsafeBufferPointer<UInt8>) -> Void
  ) {
    let outlines = page.outlines
    let warp = PageWarp(side: side, centre: centre(page, outlines, &random), augmentation, random: &random)
    picture.withUnsafeMutableBufferPointer { picture in
      warp.draw(page.ink, into: picture, augmentation, random: &random, scratch: &scratch)
      take(UnsafeBufferPointer(picture))
    }
    let moved = outlines.map { WordOutline(polygon: $0.polygon.map { warp($0) }, isReadable: $0.isReadable) }
    targets.draw(moved, cell: Double(SegmentationArchitecture.cell))
  }

  /// Near a word, so that the window shows one.
  private func centre(_ page: TrainingPage, _ outlines: [WordOutline], _ random: inout SeededRandom) -> Point {
    let half = Double(side) / 2
    guard let outline = outlines.randomElement(using: &random), let corner = outline.polygon.first,
      !random.chance(Self.anywhere)
    else {
      return Point(
        x: random.uniform(in: 0...Double(page.ink.width)), y: random.uniform(in: 0...Double(page.ink.height)))
    }
    return Point(
      x: corner.x + random.uniform(in: -0.7 * half...0.7 * half),
      y: corner.y + random.uniform(in: -0.7 * half...0.7 * half))
  }
}
