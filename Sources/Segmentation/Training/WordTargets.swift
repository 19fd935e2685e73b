import Glibc
import ImageKit

/// What a network is to say of a picture with these words: the two maps of `WordMaps`, and what each cell counts.
struct WordTargets {
  let width: Int
  let height: Int
  /// 0 or 1 per cell.
  private(set) var kernel: [UInt8]
  private(set) var text: [UInt8]
  /// More than 1 where a word is small, so that it counts as much as a large one; 0 where nothing is to be learnt.
  private(set) var kernelWeight: [Float]
  private(set) var textWeight: [Float]
  /// The word whose middle a cell is, from 1; 0 none. Below 0: contested.
  private var owner: [Int32]
  private static let weights: ClosedRange<Float> = 0.5...4

  /// - Parameters: cells of the picture each way.
  init(width: Int, height: Int) {
    self.width = width
    self.height = height
    kernel = [UInt8](repeating: 0, count: width * height)
    text = kernel
    kernelWeight = [Float](repeating: 1, count: width * height)
    textWeight = kernelWeight
    owner = [Int32](repeating: 0, count: width * height)
  }

  /// - Parameters:
  ///   - words: in pixels of the picture; parts outside of it do not matter.
  ///   - cell: pixels to a cell.
  mutating func draw(_ words: [WordOutline], cell: Double) {
    clear()
    var areas: [Int] = []
    for (index, word) in words.enumerated() {
      let outline = word.polygon.map { Point(x: $0.x / cell, y: $0.y / cell) }
      guard let quad = Quad(around: outline) else {
        areas.append(0)
        continue
      }
      guard word.isReadable else {
        areas.append(0)
        ignore(outline)
        continue
      }
      CellFill.cells(of: outline, width: width, height: height) { text[$0] = 1 }
      let shrink = WordKernel.shrink(area: quad.area, perimeter: 2 * (quad.width + quad.height))
      areas.append(own(quad.grown(by: -shrink), word: Int32(index + 1)))
    }
    separate()
    weigh(areas)
  }

  private mutating func clear() {
    for index in kernel.indices { (kernel[index], text[index], owner[index]) = (0, 0, 0) }
    for index in kernelWeight.indices { (kernelWeight[index], textWeight[index]) = (1, 1) }
  }

  private mutating func ignore(_ outline: [Point]) {
    CellFill.cells(of: outline, width: width, height: height) {
      kernelWeight[$0] = 0
      textWeight[$0] = 0
    }
  }

  /// - Returns: how many cells the word's middle has.
  private mutating func own(_ middle: Quad, word: Int32) -> Int {
    var count = 0
    CellFill.cells(of: middle.corners, width: width, height: height) { place in
      owner[place] = owner[place] == 0 ? word : -1
      count += 1
    }
    if count > 0 { return count }
    // A word smaller than a cell still has a middle.
    let x = Int(((middle.topLeft.x + middle.bottomRight.x) / 2).rounded(.down))
    let y = Int(((middle.topLeft.y + middle.bottomRight.y) / 2).rounded(.down))
    guard (0..<width).contains(x), (0..<height).contains(y) else { return 0 }
    owner[y * width + x] = owner[y * width + x] == 0 ? word : -1
    return 1
  }

  /// Cells that two words claim, or that touch another word's, belong to none: middles must not run together.
  private mutating func separate() {
    owner.withUnsafeBufferPointer { owner in
      for y in 0..<height {
        for x in 0..<width {
          let place = y * width + x
          let word = owner[place]
          guard word > 0 else { continue }
          let right = x + 1 < width ? owner[place + 1] : 0
          let below = y + 1 < height ? owner[place + width] : 0
          let isFree = (right <= 0 || right == word) && (below <= 0 || below == word)
          kernel[place] = isFree ? 1 : 0
        }
      }
    }
  }

  private mutating func weigh(_ areas: [Int]) {
    let present = areas.filter { $0 > 0 }
    guard !present.isEmpty else { return }
    let mean = Float(present.reduce(0, +)) / Float(present.count)
    for place in kernel.indices where kernel[place] == 1 {
      let own = mean / Float(max(1, areas[Int(owner[place]) - 1]))
      kernelWeight[place] *= min(Self.weights.upperBound, max(Self.weights.lowerBound, own))
    }
  }
}

/// Which cells of a grid lie in a polygon.
enum CellFill {
  /// Calls the body once for each cell whose centre is inside (even-odd), row by row.
  static func cells(of polygon: [Point], width: Int, height: Int, _ body: (Int) -> Void) {
    guard polygon.count > 2, let top = polygon.map(\.y).min(), let bottom = polygon.map(\.y).max(), top.isFinite,
      bottom.isFinite, bottom > 0, top < Double(height)
    else { return }
    let first = max(0, Int((top - 0.5).rounded(.up)))
    let last = min(height - 1, Int((bottom - 0.5).rounded(.down)))
    guard first <= last else { return }
    var crossings: [Double] = []
    for row in first...last {
      let y = Double(row) + 0.5
      crossings.removeAll(keepingCapacity: true)
      var before = polygon[polygon.count - 1]
      for point in polygon {
        if (before.y <= y) != (point.y <= y) {
          crossings.append(before.x + (y - before.y) / (point.y - before.y) * (point.x - before.x))
        }
        before = point
      }
      crossings.sort()
      for pair in stride(from: 0, to: crossings.count - 1, by: 2) {
        let left = max(0, (crossings[pair] - 0.5).rounded(.up))
        let right = min(Double(width - 1), (crossings[pair + 1] - 0.5).rounded(.down))
        guard left <= right else { continue }
        for column in Int(left)...Int(right) { body(row * width + column) }
      }
    }
  }
}
