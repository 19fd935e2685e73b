import Glibc

/// The connected pieces of a map: cells above a threshold that touch, also at a corner.
///
/// Two passes with a union-find table: time is linear in the cells whatever the map looks like.
struct KernelComponents {
  /// One piece, as sums over its cells.
  struct Piece {
    var cells = 0
    var kernel: Float = 0
    var text: Float = 0

    /// The geometric mean of both maps' means, 0...1.
    var score: Double {
      guard cells > 0, kernel > 0, text > 0 else { return 0 }
      return min(1, sqrt(Double(kernel) * Double(text)) / Double(cells))
    }
  }

  /// For each cell the number of its piece, counted from 1, or 0 outside all pieces.
  let labels: [Int32]
  /// Piece n is `pieces[n - 1]`.
  let pieces: [Piece]

  init(of maps: WordMaps, above threshold: Float) {
    var labels = [Int32](repeating: 0, count: maps.kernel.count)
    var parents: [Int32] = [0]
    labels.withUnsafeMutableBufferPointer { labels in
      maps.kernel.withUnsafeBufferPointer { kernel in
        Self.join(kernel, width: maps.width, above: threshold, labels: labels, parents: &parents)
      }
    }
    let (numbers, count) = Self.numbers(of: parents)
    var pieces = [Piece](repeating: Piece(), count: count)
    labels.withUnsafeMutableBufferPointer { labels in
      pieces.withUnsafeMutableBufferPointer { pieces in
        Self.sum(maps, numbers: numbers, labels: labels, pieces: pieces)
      }
    }
    self.labels = labels
    self.pieces = pieces
  }

  /// The labels of some pieces only, numbered from 1 as they are named.
  func labels(numbering kept: [Int]) -> [Int32] {
    var numbers = [Int32](repeating: 0, count: pieces.count + 1)
    for (index, piece) in kept.enumerated() { numbers[piece + 1] = Int32(index + 1) }
    var labels = labels
    labels.withUnsafeMutableBufferPointer { labels in
      numbers.withUnsafeBufferPointer { numbers in
        var cell = 0
        while cell < labels.count {
          labels[cell] = numbers[Int(labels[cell])]
          cell += 1
        }
      }
    }
    return labels
  }

  /// First pass: each cell takes the label of a neighbour that was seen before, and joins the labels that meet in it.
  private static func join(
    _ kernel: UnsafeBufferPointer<Float>, width: Int, above threshold: Float,
    labels: UnsafeMutableBufferPointer<Int32>, parents: inout [Int32]
  ) {
    var x = 0
    var cell = 0
    while cell < kernel.count {
      if kernel[cell] > threshold {
        var label: Int32 = x > 0 ? labels[cell - 1] : 0
        if cell >= width {
          let above = cell - width
          if labels[above] != 0 {
            // It has been joined with the cells beside it already.
            label = merge(label, labels[above], &parents)
          } else {
            if x > 0, labels[above - 1] != 0 { label = merge(label, labels[above - 1], &parents) }
            if x + 1 < width, labels[above + 1] != 0 { label = merge(label, labels[above + 1], &parents) }
          }
        }
        if label == 0 {
          label = Int32(parents.count)
          parents.append(label)
        }
        labels[cell] = label
      }
      cell += 1
      x = x + 1 < width ? x + 1 : 0
    }
  }

  /// Joins two labels (0: none yet) under the smaller root.
  private static func merge(_ one: Int32, _ other: Int32, _ parents: inout [Int32]) -> Int32 {
    let second = root(of: other, &parents)
    guard one != 0, one != other else { return second }
    let first = root(of: one, &parents)
    let least = min(first, second)
    parents[Int(max(first, second))] = least
    return least
  }

  private static func root(of label: Int32, _ parents: inout [Int32]) -> Int32 {
    var label = label
    while parents[Int(label)] != label {
      parents[Int(label)] = parents[Int(parents[Int(label)])]
      label = parents[Int(label)]
    }
    return label
  }

  /// Numbers the roots from 1. A parent is never larger than its child, so one walk upwards knows every root.
  private static func numbers(of parents: [Int32]) -> (numbers: [Int32], count: Int) {
    var numbers = [Int32](repeating: 0, count: parents.count)
    var count = 0
    for label in parents.indices.dropFirst() {
      let parent = Int(parents[label])
      if parent == label {
        count += 1
        numbers[label] = Int32(count)
      } else {
        numbers[label] = numbers[parent]
      }
    }
    return (numbers, count)
  }

  /// Second pass: final numbers, and sums.
  private static func sum(
    _ maps: WordMaps, numbers: [Int32], labels: UnsafeMutableBufferPointer<Int32>,
    pieces: UnsafeMutableBufferPointer<Piece>
  ) {
    numbers.withUnsafeBufferPointer { numbers in
      maps.kernel.withUnsafeBufferPointer { kernel in
        maps.text.withUnsafeBufferPointer { text in
          var cell = 0
          while cell < labels.count {
            if labels[cell] != 0 {
              let number = numbers[Int(labels[cell])]
              labels[cell] = number
              pieces[Int(number) - 1].cells += 1
              pieces[Int(number) - 1].kernel += kernel[cell]
              pieces[Int(number) - 1].text += text[cell]
            }
            cell += 1
          }
        }
      }
    }
  }
}
