import ImageKit
import Synchronization
import TensorKit

/// Finds the words of whole pages and scores what was found, several pages side by side.
///
/// Proof of `@unchecked Sendable`: one caller at a time; within a call each mapper is one thread's.
final class SegmentationEvaluator: @unchecked Sendable {
  private let weights: FlatArray
  private let statistics: FlatArray
  private let mappers: [PageMapper]
  private let finder = RegionFinder()
  private var version = 0

  /// - Parameter backends: one for each thread.
  init(_ network: SegmentationNetwork, backends: [any KernelBackend]) {
    let weights = FlatArray(count: network.parameters.count)
    let statistics = FlatArray(count: network.statistics.count)
    self.weights = weights
    self.statistics = statistics
    mappers = backends.map { PageMapper(network, weights: weights, statistics: statistics, backend: $0) }
  }

  /// Takes over weights and running statistics.
  func load(weights: FlatArray, statistics: FlatArray) {
    self.weights.copy(from: weights)
    self.statistics.copy(from: statistics)
    version += 1
  }

  /// - Returns: nil when there are no pages.
  func evaluate(_ pages: [TrainingPage]) throws(KernelFault) -> DetectionScores? {
    guard !pages.isEmpty else { return nil }
    let results = Mutex((regions: [[WordRegion]](repeating: [], count: pages.count), fault: KernelFault?.none))
    let next = Mutex(0)
    runSideBySide(min(mappers.count, pages.count)) { thread in
      while true {
        let number = next.withLock { number in
          defer { number += 1 }
          return number
        }
        guard number < pages.count else { return }
        do throws(KernelFault) {
          let found = try words(of: pages[number], on: thread)
          results.withLock { $0.regions[number] = found }
        } catch {
          results.withLock { $0.fault = error }
        }
      }
    }
    let (regions, fault) = results.withLock { ($0.regions, $0.fault) }
    if let fault { throw fault }
    var scores = DetectionScores()
    for (page, found) in zip(pages, regions) {
      scores.add(truth: page.words, found: found, collection: page.collection)
    }
    return scores
  }

  private func words(of page: TrainingPage, on thread: Int) throws(KernelFault) -> [WordRegion] {
    let maps = try mappers[thread].maps(of: page.ink, version: version)
    let cell = Double(SegmentationArchitecture.cell) * page.scale
    return finder.regions(
      in: maps, cellWidth: cell, cellHeight: cell, pageWidth: Int(Double(page.ink.width) * page.scale),
      pageHeight: Int(Double(page.ink.height) * page.scale))
  }
}
