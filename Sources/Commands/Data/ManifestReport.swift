import Handwriting
import HostKit
import ImageKit

/// What a manifest holds, counted, and every fault in it and in its images.
struct ManifestReport: Equatable {
  private(set) var images = 0
  private(set) var pages = 0
  private(set) var words = 0
  /// Images in buckets, which nobody has opened.
  private(set) var unseenImages = 0
  /// Tokens that stand for what cannot be read, such as `%SC%`, and empty texts.
  private(set) var leftOut: [String: Int] = [:]
  private(set) var characters: [Character: Int] = [:]
  private(set) var collections: [String: Int] = [:]
  private(set) var imageWidths = Spread()
  private(set) var imageHeights = Spread()
  private(set) var wordWidths = Spread()
  private(set) var wordHeights = Spread()
  private(set) var faults: [ManifestFault] = []
  private(set) var faultCount = 0

  static let keptFaults = 1_000

  /// - Parameter stopsAtFault: after the first bad line nothing more is read.
  init(of path: String, stopsAtFault: Bool) throws {
    let manifest: Manifest
    do {
      manifest = try Manifest.read(path, onFault: stopsAtFault ? .stop : .skip)
    } catch let fault as ManifestFault {
      faults = [fault]
      faultCount = 1
      return
    }
    faults = manifest.faults
    faultCount = manifest.faultCount
    let examination = ImageExamination(folder: Files.parent(of: absolutePath(path)))
    var wrong: [(source: String, reason: String)] = []
    var seen: Set<String> = []
    for page in manifest.pages {
      count(page)
      let finding = examination.finding(for: page)
      if seen.insert(page.source).inserted { count(finding) }
      if let reason = finding.fault { wrong.append((page.source, reason)) }
      if stopsAtFault, !wrong.isEmpty { break }
    }
    images = seen.count
    try add(wrong, of: path)
  }

  private mutating func count(_ page: PageAnnotation) {
    pages += 1
    collections[page.collection ?? "", default: 0] += 1
    for word in page.words {
      words += 1
      wordWidths.add(ImageExamination.extent(word.polygon.map(\.x)))
      wordHeights.add(ImageExamination.extent(word.polygon.map(\.y)))
      if word.isReadable {
        for character in word.text { characters[character, default: 0] += 1 }
      } else {
        leftOut[word.text, default: 0] += 1
      }
    }
  }

  private mutating func count(_ finding: ImageExamination.Finding) {
    switch finding {
    case .unseen: unseenImages += 1
    case .image(let width, let height, _):
      imageWidths.add(Double(width))
      imageHeights.add(Double(height))
    case .refused: break
    }
  }

  /// Pages do not know their lines; they are looked up only when there is something to tell.
  private mutating func add(_ wrong: [(source: String, reason: String)], of path: String) throws {
    guard !wrong.isEmpty else { return }
    var numbers: [String: [Int]] = [:]
    for line in try ManifestLines(path: path).lines { numbers[line.source, default: []].append(line.number) }
    for (source, reason) in wrong {
      let number = numbers[source]?.first ?? 0
      if let count = numbers[source]?.count, count > 1 { numbers[source]?.removeFirst() }
      faults.append(ManifestFault(file: path, line: number, reason: "\(source): \(reason)"))
    }
    faultCount += wrong.count
    faults.sort { $0.line < $1.line }
    faults = Array(faults.prefix(Self.keptFaults))
  }
}

/// How numbers are spread.
struct Spread: Equatable {
  private var values: [Double] = []

  var isEmpty: Bool { values.isEmpty }

  mutating func add(_ value: Double) { values.append(value) }

  /// The least, the greatest, and those that a tenth, half and nine tenths are not above; nil without values.
  var marks: (least: Double, tenth: Double, median: Double, ninth: Double, greatest: Double)? {
    let sorted = values.sorted()
    guard let least = sorted.first, let greatest = sorted.last else { return nil }
    func mark(_ share: Double) -> Double { sorted[Int(Double(sorted.count - 1) * share)] }
    return (least, mark(0.1), mark(0.5), mark(0.9), greatest)
  }
}
