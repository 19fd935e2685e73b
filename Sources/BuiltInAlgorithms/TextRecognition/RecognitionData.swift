import ArchiveKit
import Glibc
import Handwriting
import HostKit
import ImageKit
import WorkerContract

/// What the channels of a recognition job hold.
struct RecognitionData {
  var train = WordSet()
  var validation = WordSet()
  var test = WordSet()
  /// Words of the channel `texts`, for the language model and the lexicon.
  var texts: [String] = []
  /// SHA-256 over the manifests and texts, in the order in which they were read.
  private(set) var digest = ""
  private var hash = Digest.SHA256()
  private(set) var manifests: [String] = []

  /// What the words of a channel are for.
  enum Purpose: String, CaseIterable {
    case train, validation, test

    /// `train` and every channel whose name begins with it (`train_synthetic`), `validation`, `test`; nil for others.
    init?(channel: String) {
      guard let purpose = channel.hasPrefix("train") ? .train : Purpose(rawValue: channel) else { return nil }
      self = purpose
    }

    /// Manifests are *.manifest and *.jsonl. One that is named after another purpose is left alone: a folder with
    /// train.manifest and test.manifest can serve both channels, and no test word gets into the training.
    func isServed(by file: String) -> Bool {
      guard let dot = file.lastIndex(of: "."), [".manifest", ".jsonl"].contains(file[dot...]) else { return false }
      return Purpose(rawValue: String(file[..<dot])).map { $0 == self } ?? true
    }
  }

  private static let mostTextBytes = 1 << 28
  private static let mostManifests = 10_000

  init(_ layout: TrainingLayout, onFault policy: Manifest.FaultPolicy) throws(AlgorithmFailure) {
    let channels = Self.channels(layout)
    do {
      for channel in channels {
        switch Purpose(channel: channel) {
        case .train?: try read(channel, layout, for: .train, into: \.train, policy)
        case .validation?: try read(channel, layout, for: .validation, into: \.validation, policy)
        case .test?: try read(channel, layout, for: .test, into: \.test, policy)
        case nil where channel == "texts": try readTexts(layout.channel(channel))
        case nil: break
        }
      }
    } catch let failure as AlgorithmFailure {
      throw failure
    } catch {
      throw AlgorithmFailure(.badData, "The words cannot be read: \(error)")
    }
    guard manifests.contains(where: { $0.hasPrefix(Purpose.train.rawValue) }) else {
      throw AlgorithmFailure(
        .badData,
        "There is no manifest to train on. Give a channel `train` with images and a manifest (*.manifest or *.jsonl, one "
          + "image a line); the channels are: \(channels.isEmpty ? "none" : channels.joined(separator: ", ")).")
    }
    digest = hash.finish()
  }

  private static func channels(_ layout: TrainingLayout) -> [String] {
    // No folder means no channel, which is told apart from an unreadable one below.
    ((try? Files.names(in: "\(layout.base)/input/data")) ?? []).sorted()
  }

  private mutating func read(
    _ channel: String, _ layout: TrainingLayout, for purpose: Purpose, into set: WritableKeyPath<Self, WordSet>,
    _ policy: Manifest.FaultPolicy
  ) throws {
    let folder = layout.channel(channel)
    let found = try FileSearch.files(below: folder, limit: Self.mostManifests) {
      purpose.isServed(by: $0)
    }
    for path in found {
      let manifest = try Manifest.read("\(folder)/\(path)", onFault: policy)
      hash.update(Array("\(channel)/\(path)\n".utf8))
      for page in manifest.pages { hash.update(Array(Manifest.line(for: page).utf8)) }
      manifests.append("\(channel)/\(path)")
      try self[keyPath: set].add(manifest, folder: Files.parent(of: "\(folder)/\(path)"), onFault: policy)
    }
  }

  private mutating func readTexts(_ folder: String) throws {
    for path in try FileSearch.files(below: folder, limit: 1000, where: { $0.hasSuffix(".txt") }) {
      let text = try Files.readText("\(folder)/\(path)", limit: Self.mostTextBytes)
      hash.update(Array(text.utf8))
      texts += text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
  }

  /// Parts a share of the training words off, when there is no channel to validate on.
  mutating func holdOut(share: Double, seed: UInt64) {
    guard validation.samples.isEmpty, share > 0, train.samples.count > 1 else { return }
    var random = SeededRandom(seed: seed, stream: 0x5A11D)
    let count = min(train.samples.count / 2, max(1, Int(Double(train.samples.count) * share)))
    let chosen = Set(Array(train.samples.indices).shuffled(using: &random).prefix(count))
    validation = WordSet(samples: chosen.sorted().map { train.samples[$0] })
    train.keepSamples { !chosen.contains($0) }
  }

  private static let mostRepeats = 8

  /// The training words with those of small sources repeated until a source makes a share: a model is wanted for all of
  /// them, not for the largest.
  func balancedTrain(leastShare: Double) -> [WordSample] {
    let sources = Dictionary(grouping: train.samples) { $0.collection ?? "" }
    guard sources.count > 1, leastShare > 0 else { return train.samples }
    var words = train.samples
    for (_, own) in sources.sorted(by: { $0.key < $1.key }) {
      let wanted = leastShare * Double(train.samples.count) / Double(own.count)
      let times = min(Self.mostRepeats, max(1, Int(wanted.rounded())))
      for _ in stride(from: 1, to: times, by: 1) { words += own }
    }
    return words
  }
}

/// Files below a folder.
enum FileSearch {
  private static let deepest = 8

  /// Paths relative to the folder, sorted, of the files that are wanted.
  static func files(
    below folder: String, limit: Int, where isWanted: (String) -> Bool
  ) throws -> [String] {
    var found: [String] = []
    var open = [(path: "", depth: 0)]
    while let next = open.popLast() {
      for name in try Files.names(in: "\(folder)/\(next.path)") {
        let path = next.path.isEmpty ? name : "\(next.path)/\(name)"
        if isWanted(name) {
          found.append(path)
        } else if next.depth < deepest, isFolder("\(folder)/\(path)") {
          open.append((path, next.depth + 1))
        }
        guard found.count <= limit else {
          throw AlgorithmFailure(.badData, "There are more than \(limit) files to read below \(folder).")
        }
      }
    }
    return found.sorted()
  }

  private static func isFolder(_ path: String) -> Bool {
    var status = stat()
    return stat(path, &status) == 0 && status.st_mode & S_IFMT == S_IFDIR
  }
}
