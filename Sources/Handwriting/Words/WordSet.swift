import Dispatch
import HostKit
import ImageKit
import Synchronization

/// The words of one or more manifests, decoded, cut out and normalised once.
public struct WordSet: Sendable {
  public private(set) var samples: [WordSample] = []
  public private(set) var images = 0
  /// What was left out and why, with how often.
  public private(set) var skipped: [String: Int] = [:]
  /// The first faults, each with file and reason, for people.
  public private(set) var faults: [String] = []
  private static let keptFaults = 20

  /// Rows of the kept ink: more than networks look at, so that augmentation has something to choose from.
  public static let inkHeight = 64

  public init() {}

  public init(samples: [WordSample]) {
    self.samples = samples
    images = samples.count
  }

  /// Reads what a manifest names; pages are worked on side by side, and the order of words is the manifest's.
  ///
  /// - Parameters:
  ///   - manifest: its pages and the faults that its reading skipped.
  ///   - folder: what relative sources are relative to.
  ///   - policy: `stop` throws the first fault, `skip` counts them.
  public mutating func add(_ manifest: Manifest, folder: String, onFault policy: Manifest.FaultPolicy) throws {
    for fault in manifest.faults { note(fault.description) }
    if manifest.faultCount > 0 { skipped["bad lines of the manifest", default: 0] += manifest.faultCount }
    let pages = manifest.pages
    let results = Mutex([PageWords?](repeating: nil, count: pages.count))
    DispatchQueue.concurrentPerform(iterations: pages.count) { index in
      let words = PageWords(pages[index], folder: folder)
      results.withLock { $0[index] = words }
    }
    for case let words? in results.withLock({ $0 }) {
      images += 1
      samples += words.samples
      for (reason, count) in words.skipped { skipped[reason, default: 0] += count }
      guard let fault = words.fault else { continue }
      guard policy == .skip else { throw WordSetFault(description: fault) }
      note(fault)
    }
  }

  private mutating func note(_ fault: String) {
    if faults.count < Self.keptFaults { faults.append(fault) }
  }

  /// Keeps the samples at the places that are wanted.
  public mutating func keepSamples(where isKept: (Int) -> Bool) {
    samples = samples.indices.filter(isKept).map { samples[$0] }
  }
}

/// An image or a word that cannot be used: which, and why.
public struct WordSetFault: Error, Sendable, Equatable, CustomStringConvertible {
  public let description: String
}

/// The words of one page.
private struct PageWords {
  var samples: [WordSample] = []
  var skipped: [String: Int] = [:]
  var fault: String?

  init(_ page: PageAnnotation, folder: String) {
    let path = page.source.hasPrefix("/") ? page.source : "\(folder)/\(page.source)"
    let image: GreyImage
    do {
      let limit = ImageLimits.standard.maximumBytes
      image = try ImageDecoder.grey(Files.read(path, limit: limit)).image
    } catch {
      fault = "\(path): \(error)"
      skipped["images that cannot be read", default: 0] += 1
      return
    }
    for word in page.words {
      guard word.isReadable else {
        skipped["words without text (%…%)", default: 0] += 1
        continue
      }
      guard let crop = Self.crop(image, word, isWholeImage: page.words.count == 1) else {
        skipped["words whose polygon has no area in the image", default: 0] += 1
        continue
      }
      samples.append(
        WordSample(
          ink: InkNormalizer.ink(crop, height: WordSet.inkHeight), text: word.text, collection: page.collection))
    }
  }

  /// An image of one word that its polygon fills is taken as it is: cutting would only blur it.
  private static func crop(_ image: GreyImage, _ word: WordAnnotation, isWholeImage: Bool) -> GreyImage? {
    let fills = word.polygon.allSatisfy { point in
      (point.x <= 1 || point.x >= Double(image.width) - 1) && (point.y <= 1 || point.y >= Double(image.height) - 1)
    }
    return isWholeImage && fills ? image : WordCrop.cut(image, word.polygon, maximumHeight: WordSet.inkHeight)
  }
}
