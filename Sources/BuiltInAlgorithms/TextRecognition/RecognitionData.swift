import Handwriting
import HostKit
import WorkerContract

/// What the channels of a recognition job hold.
struct RecognitionData {
  var train = WordSet()
  var validation = WordSet()
  var test = WordSet()
  /// Words of the channel `texts`, for the language model and the lexicon.
  var texts: [String] = []
  /// SHA-256 over the manifests and texts, in the order in which they were read.
  let digest: String
  let manifests: [String]

  private static let mostTextBytes = 1 << 28
  private static let textChannel = "texts"

  init(_ layout: TrainingLayout, onFault policy: Manifest.FaultPolicy) throws(AlgorithmFailure) {
    var channels = ChannelManifests()
    var (train, validation, test) = (WordSet(), WordSet(), WordSet())
    try channels.read(layout, onFault: policy) { purpose, manifest, folder in
      switch purpose {
      case .train: try train.add(manifest, folder: folder, onFault: policy)
      case .validation: try validation.add(manifest, folder: folder, onFault: policy)
      case .test: try test.add(manifest, folder: folder, onFault: policy)
      }
    }
    (self.train, self.validation, self.test) = (train, validation, test)
    do {
      if Files.exists(layout.channel(Self.textChannel)) {
        texts = try Self.readTexts(layout.channel(Self.textChannel), &channels)
      }
    } catch {
      throw AlgorithmFailure(.badData, "The texts cannot be read: \(error)")
    }
    manifests = channels.names
    digest = channels.digest()
  }

  private static func readTexts(_ folder: String, _ channels: inout ChannelManifests) throws -> [String] {
    var texts: [String] = []
    for path in try FileSearch.files(below: folder, limit: 1000, where: { $0.hasSuffix(".txt") }) {
      let text = try Files.readText("\(folder)/\(path)", limit: mostTextBytes)
      channels.note(Array(text.utf8))
      texts += text.split(whereSeparator: \.isWhitespace).map(String.init)
    }
    return texts
  }

  /// Parts a share of the training words off, when there is no channel to validate on.
  mutating func holdOut(share: Double, seed: UInt64) {
    guard validation.samples.isEmpty else { return }
    let chosen = HeldOut.places(of: train.samples.count, share: share, seed: seed)
    validation = WordSet(samples: chosen.sorted().map { train.samples[$0] })
    train.keepSamples { !chosen.contains($0) }
  }

  /// The training words with those of small sources repeated: see `SourceBalance`.
  func balancedTrain(leastShare: Double) -> [WordSample] {
    SourceBalance.places(of: train.samples.map(\.collection), leastShare: leastShare).map { train.samples[$0] }
  }
}
