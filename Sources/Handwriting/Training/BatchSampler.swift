import HostKit

/// The order in which a training sees its words: shuffled, but words of about one width in a batch.
///
/// An epoch's order depends on the seed and its number alone, so that a resumed training goes on exactly.
struct BatchSampler: Sendable {
  let widths: [Int]
  let batch: Int
  let seed: UInt64
  /// Words are sorted by width within chunks of this many batches: enough to save padding, little enough to stay random.
  private static let batchesPerChunk = 16

  var batchesPerEpoch: Int { max(1, (widths.count + batch - 1) / batch) }

  /// - Precondition: there is at least one word.
  func batches(epoch: Int) -> [[Int]] {
    var random = SeededRandom(seed: seed, stream: UInt64(epoch) &+ 0x5EED)
    var order = Array(widths.indices).shuffled(using: &random)
    // The last batch is filled with words from the beginning: every batch has the same size.
    var next = 0
    while order.count % batch != 0 {
      order.append(order[next])
      next += 1
    }
    var batches: [[Int]] = []
    let chunk = batch * Self.batchesPerChunk
    for start in stride(from: 0, to: order.count, by: chunk) {
      let sorted = order[start..<min(start + chunk, order.count)].sorted {
        (widths[$0], $0) < (widths[$1], $1)
      }
      for first in stride(from: 0, to: sorted.count, by: batch) { batches.append(Array(sorted[first..<first + batch])) }
    }
    return batches.shuffled(using: &random)
  }
}
