public import ImageKit
import Synchronization
public import TensorKit

/// Finds words with a trained model: normalising, network, polygons. Pages of different callers are worked on side by
/// side, one to a thread.
///
/// Proof of `@unchecked Sendable`: each mapper is used with its own lock held, the rest does not change.
public final class NetworkLocaliser: WordLocaliser, @unchecked Sendable {
  private let configuration: SegmentationConfiguration
  private let mappers: [PageMapper]
  private let locks: [Lock]
  private let turn = Atomic<Int>(0)
  private let finder: RegionFinder

  private final class Lock: Sendable {
    let mutex = Mutex(())
  }

  /// - Parameter backends: one for each page that is worked on at a time.
  public init(
    _ model: SegmentationModel, backends: [any KernelBackend], finder: RegionFinder = RegionFinder()
  ) {
    precondition(!backends.isEmpty)
    configuration = model.configuration
    let network = model.network
    mappers = backends.map {
      PageMapper(network, weights: model.weights, statistics: model.statistics, backend: $0)
    }
    locks = backends.map { _ in Lock() }
    self.finder = finder
  }

  public func locate(_ page: GreyImage) throws -> [WordRegion] {
    let picture = InkNormalizer.pageInk(page.shrunk(longerSide: configuration.longerSide))
    let index = turn.wrappingAdd(1, ordering: .relaxed).oldValue % mappers.count
    let maps = try locks[index].mutex.withLock { _ in
      // Subnormals are flushed there, as wherever networks run.
      let result = Mutex(Result<WordMaps, KernelFault>?.none)
      let work = UncheckedMapping(mapper: mappers[index])
      runSideBySide(1) { _ in
        let found: Result<WordMaps, KernelFault>
        do throws(KernelFault) { found = .success(try work.mapper.maps(of: picture, version: 0)) } catch {
          found = .failure(error)
        }
        result.withLock { $0 = found }
      }
      guard let found = result.withLock({ $0 }) else { preconditionFailure("the work was not done") }
      return try found.get()
    }
    let cell = Double(SegmentationArchitecture.cell)
    return finder.regions(
      in: maps, cellWidth: cell * Double(page.width) / Double(picture.width),
      cellHeight: cell * Double(page.height) / Double(picture.height), pageWidth: page.width, pageHeight: page.height)
  }
}

/// What one call of `locate` hands to the thread that computes.
///
/// Proof of `@unchecked Sendable`: the caller holds the mapper's lock and waits.
private struct UncheckedMapping: @unchecked Sendable {
  let mapper: PageMapper
}
