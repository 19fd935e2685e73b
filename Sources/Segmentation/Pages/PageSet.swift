import Dispatch
public import Handwriting
import HostKit
import ImageKit
import Synchronization

/// The pages of one or more manifests, decoded, shrunk and normalised once.
public struct PageSet: Sendable {
  public private(set) var pages: [TrainingPage] = []
  /// What was left out and why, with how often.
  public private(set) var skipped: [String: Int] = [:]
  /// The first faults, each with file and reason, for people.
  public private(set) var faults: [String] = []
  private static let keptFaults = 20

  public init() {}

  public init(pages: [TrainingPage]) { self.pages = pages }

  public var wordCount: Int { pages.reduce(0) { $0 + $1.words.count } }

  /// Reads what a manifest names; pages are worked on side by side, and keep the manifest's order.
  ///
  /// - Parameters:
  ///   - folder: what relative sources are relative to.
  ///   - longerSide: larger pages are shrunk to it.
  ///   - policy: `stop` throws the first fault, `skip` counts them.
  public mutating func add(
    _ manifest: Manifest, folder: String, longerSide: Int, onFault policy: Manifest.FaultPolicy
  ) throws {
    for fault in manifest.faults { note(fault.description) }
    if manifest.faultCount > 0 { skipped["bad lines of the manifest", default: 0] += manifest.faultCount }
    let annotations = manifest.pages
    let results = Mutex([Result<TrainingPage, PageSetFault>?](repeating: nil, count: annotations.count))
    DispatchQueue.concurrentPerform(iterations: annotations.count) { index in
      let page = Self.page(annotations[index], folder: folder, longerSide: longerSide)
      results.withLock { $0[index] = page }
    }
    for case let result? in results.withLock({ $0 }) {
      switch result {
      case .success(let page): pages.append(page)
      case .failure(let fault):
        guard policy == .skip else { throw fault }
        skipped["images that cannot be read", default: 0] += 1
        note(fault.description)
      }
    }
  }

  private static func page(
    _ annotation: PageAnnotation, folder: String, longerSide: Int
  ) -> Result<TrainingPage, PageSetFault> {
    let path = annotation.source.hasPrefix("/") ? annotation.source : "\(folder)/\(annotation.source)"
    do {
      let bytes = try Files.read(path, limit: ImageLimits.standard.maximumBytes)
      let decoded = try ImageDecoder.grey(bytes, shrinkTo: longerSide)
      return .success(
        TrainingPage(
          ink: InkNormalizer.pageInk(decoded.image), scale: decoded.shrinkFactor, words: annotation.words,
          collection: annotation.collection))
    } catch {
      return .failure(PageSetFault(description: "\(path): \(error)"))
    }
  }

  private mutating func note(_ fault: String) {
    if faults.count < Self.keptFaults { faults.append(fault) }
  }

  /// Keeps the pages at the places that are wanted.
  public mutating func keepPages(where isKept: (Int) -> Bool) {
    pages = pages.indices.filter(isKept).map { pages[$0] }
  }
}

/// An image that cannot be used: which, and why.
public struct PageSetFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}
