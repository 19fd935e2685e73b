import Handwriting
import Segmentation
import WorkerContract

/// What the channels of a segmentation job hold.
struct SegmentationData {
  var train: PageSet
  var validation: PageSet
  let test: PageSet
  /// SHA-256 over the manifests, in the order in which they were read.
  let digest: String
  let manifests: [String]

  init(
    _ layout: TrainingLayout, longerSide: Int, onFault policy: Manifest.FaultPolicy
  ) throws(AlgorithmFailure) {
    var channels = ChannelManifests()
    var (train, validation, test) = (PageSet(), PageSet(), PageSet())
    try channels.read(layout, onFault: policy) { purpose, manifest, folder in
      switch purpose {
      case .train: try train.add(manifest, folder: folder, longerSide: longerSide, onFault: policy)
      case .validation: try validation.add(manifest, folder: folder, longerSide: longerSide, onFault: policy)
      case .test: try test.add(manifest, folder: folder, longerSide: longerSide, onFault: policy)
      }
    }
    (self.train, self.validation, self.test) = (train, validation, test)
    manifests = channels.names
    digest = channels.digest()
  }

  /// Parts a share of the training pages off, when there is no channel to validate on.
  mutating func holdOut(share: Double, seed: UInt64) {
    guard validation.pages.isEmpty else { return }
    let chosen = HeldOut.places(of: train.pages.count, share: share, seed: seed)
    validation = PageSet(pages: chosen.sorted().map { train.pages[$0] })
    train.keepPages { !chosen.contains($0) }
  }

  /// The training pages with those of small sources repeated: see `SourceBalance`.
  func balancedTrain(leastShare: Double) -> [TrainingPage] {
    SourceBalance.places(of: train.pages.map(\.collection), leastShare: leastShare).map { train.pages[$0] }
  }

  /// One look at the data, for people: what there is, what was left out and why.
  func look() -> [String] {
    var lines: [String] = []
    for (name, set) in [("train", train), ("validation", validation), ("test", test)] {
      lines += Self.look(at: set, name)
      for (reason, count) in set.skipped.sorted(by: { $0.key < $1.key }) {
        lines.append("  left out: \(count) \(reason)")
      }
      lines += set.faults.map { "  \($0)" }
    }
    return lines
  }

  private static func look(at set: PageSet, _ name: String) -> [String] {
    guard !set.pages.isEmpty else { return set.skipped.isEmpty ? [] : ["Data \(name): no pages"] }
    let unreadable = set.pages.reduce(0) { $0 + $1.words.count { !$0.isReadable } }
    let counts = set.pages.map(\.words.count).sorted()
    var lines = [
      "Data \(name): \(set.pages.count) pages, \(set.wordCount) words, \(counts[0]) to \(counts[counts.count - 1]) on a "
        + "page, median \(counts[counts.count / 2])"
        + (unreadable > 0 ? "; \(unreadable) without a text (%…%): neither learnt nor scored" : "")
    ]
    let sources = Dictionary(grouping: set.pages) { $0.collection ?? "without a source" }
    if sources.count > 1 {
      let parts = sources.sorted { $0.key < $1.key }.map { "\($0.key) \($0.value.count)" }
      lines.append("  sources: \(parts.joined(separator: ", "))")
    }
    return lines
  }
}
