/// Grows the middles of words over the cells that the text map calls text, all at the same pace, so that a cell between
/// two words goes to the nearer one (as in PSENet's progressive expansion).
///
/// Each cell is taken once at most: time is linear in the cells.
struct TextGrowth {
  let threshold: Float
  let width: Int

  /// - Parameters:
  ///   - labels: the number of each cell's piece, 0 elsewhere; filled in further. Cells of a middle that are no text are
  ///     given up.
  ///   - reach: by number, how many cells the piece may grow at most: a blob of text whose own middle was missed is not
  ///     taken in by a neighbour. A piece of reach 0 stays as it is.
  func grow(_ labels: inout [Int32], over text: [Float], reach: [Int32]) {
    var front: [Int32] = []
    for cell in labels.indices where labels[cell] != 0 && reach[Int(labels[cell])] > 0 {
      if text[cell] > threshold { front.append(Int32(cell)) } else { labels[cell] = 0 }
    }
    labels.withUnsafeMutableBufferPointer { labels in
      text.withUnsafeBufferPointer { text in
        reach.withUnsafeBufferPointer { reach in
          var step: Int32 = 1
          while !front.isEmpty {
            front = spread(front, step: step, labels: labels, text: text, reach: reach)
            step += 1
          }
        }
      }
    }
  }

  /// Every second step goes to the corners too: the shape of what is reached in n steps is near a circle.
  private func spread(
    _ front: [Int32], step: Int32, labels: UnsafeMutableBufferPointer<Int32>, text: UnsafeBufferPointer<Float>,
    reach: UnsafeBufferPointer<Int32>
  ) -> [Int32] {
    var next: [Int32] = []
    let count = labels.count
    let goesToCorners = step % 2 == 0
    func take(_ cell: Int, _ label: Int32) {
      guard labels[cell] == 0, text[cell] > threshold else { return }
      labels[cell] = label
      next.append(Int32(cell))
    }
    for place in front {
      let cell = Int(place)
      let label = labels[cell]
      guard reach[Int(label)] >= step else { continue }
      let column = cell % width
      let (hasLeft, hasRight) = (column > 0, column + 1 < width)
      if hasLeft { take(cell - 1, label) }
      if hasRight { take(cell + 1, label) }
      if cell >= width {
        take(cell - width, label)
        if goesToCorners, hasLeft { take(cell - width - 1, label) }
        if goesToCorners, hasRight { take(cell - width + 1, label) }
      }
      if cell + width < count {
        take(cell + width, label)
        if goesToCorners, hasLeft { take(cell + width - 1, label) }
        if goesToCorners, hasRight { take(cell + width + 1, label) }
      }
    }
    return next
  }
}
