import HostKit

/// The order in which a training sees its pages: each page so many times an epoch, shuffled.
///
/// An epoch's order depends on the seed and its number alone, so that a resumed training goes on exactly.
struct PageSampler: Sendable {
  let pages: Int
  let windowsPerPage: Int
  let batch: Int
  let seed: UInt64

  var batchesPerEpoch: Int { max(1, (pages * windowsPerPage + batch - 1) / batch) }

  /// - Precondition: there is at least one page.
  func batches(epoch: Int) -> [[Int]] {
    var random = SeededRandom(seed: seed, stream: UInt64(epoch) &+ 0x5EED)
    var order: [Int] = []
    for _ in 0..<windowsPerPage { order += Array(0..<pages).shuffled(using: &random) }
    // The last batch is filled with pages from the beginning: every batch has the same size.
    var next = 0
    while order.count % batch != 0 {
      order.append(order[next])
      next += 1
    }
    return stride(from: 0, to: order.count, by: batch).map { Array(order[$0..<$0 + batch]) }
  }
}
