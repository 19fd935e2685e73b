import ArchiveKit
import ArtifactStore
import HostKit
import JSONKit
import Wire
import WorkerContract

/// Brings code, data and checkpoints into an attempt's folder, before its worker starts.
struct DataPreparation: Sendable {
  typealias Refusal = AttemptPreparation.Refusal

  let home: Home
  let buckets: BucketStore
  let remote: RemoteBuckets

  // MARK: Code

  /// Unpacks `sagemaker_submit_directory` into the code folder.
  func extractSource(of request: CreateTrainingJobRequest, to layout: TrainingLayout) throws {
    guard let raw = request.hyperparameters["sagemaker_submit_directory"] else { return }
    // Hyperparameters of the SDK are JSON texts; plain boto3 users may send the bare URI.
    let uri = (try? JSON(parsing: raw))?.string ?? raw
    let archive = try path(of: uri, what: "sagemaker_submit_directory")
    do {
      try Files.remove(layout.code)
      try Files.makeFolder(layout.code)
      _ = try ArchiveExtractor.extract(archive, into: layout.code)
    } catch let error as ArchiveError {
      throw Refusal("The source archive \(uri) cannot be unpacked: \(error)")
    }
  }

  private func path(of uri: String, what: String) throws -> String {
    switch ContentLocation(uri) {
    case .objects(let address):
      try remote.bring(address)
      guard let path = try buckets.path(of: address) else {
        throw Refusal("There is nothing at \(uri) (\(what)).")
      }
      return path
    case .local(let path):
      guard !home.isPrivate(path), Files.isReadable(path) else {
        throw Refusal("\(path) (\(what)) does not exist or may not be read.")
      }
      return path
    case nil: throw Refusal("'\(uri)' (\(what)) is neither an s3:// nor a file:// URI.")
    }
  }

  // MARK: Data

  /// Fills every channel with copies; tells how far it is while that takes long.
  func fillChannels(
    of request: CreateTrainingJobRequest, _ layout: TrainingLayout, cancellation: Cancellation,
    progress: @escaping @Sendable (String) -> Void
  ) throws {
    guard !request.channels.isEmpty else { return }
    progress("Downloading the training image")
    let materialiser = try ChannelMaterialiser(
      store: buckets, supply: remote, cacheFolder: home.cache, isForbidden: { [home] in home.isPrivate($0) })
    for channel in request.channels {
      let report = { (state: ChannelProgress) -> Void in
        if let text = Self.text(state, of: channel.name) { progress(text) }
      }
      do {
        _ = try materialiser.fill(
          ChannelSource(channel), in: "\(layout.input)/data", isCancelled: { cancellation.isCancelled },
          progress: report)
      } catch {
        throw Self.refusal(error)
      }
    }
  }

  /// The request's own faults end the job; the machine's may be retried.
  private static func refusal(_ error: ArtifactStore.StoreError) -> any Error {
    if error.code == .cancelled { return Refusal.cancelled }
    return error.isClientFault ? Refusal("\(error)") : error
  }

  /// Only what takes long enough to be asked about is told.
  private static func text(_ progress: ChannelProgress, of channel: String) -> String? {
    guard progress.bytesDone > 0, progress.filesDone < progress.filesTotal else { return nil }
    return
      "Downloading input data: channel \(channel), \(progress.filesDone) of \(progress.filesTotal) files, \(progress.bytesDone >> 20) of \(progress.bytesTotal >> 20) MiB"
  }

  // MARK: Checkpoints

  /// Brings back what an earlier job or attempt left at CheckpointConfig.S3Uri.
  func restoreCheckpoints(of request: CreateTrainingJobRequest, to layout: TrainingLayout) throws {
    guard let uri = request.checkpointURI else { return }
    let location = try location(uri)
    if case .objects(let address) = location { try remote.bring(prefix: address) }
    _ = try CheckpointSync(store: buckets).restore(from: location, to: layout.checkpoints)
  }

  func saveCheckpoints(from folder: String, to uri: String) throws {
    let location = try location(uri)
    if case .objects(let address) = location { _ = try buckets.createBucket(address.bucket) }
    _ = try CheckpointSync(store: buckets).sync(folder, to: location, durable: true)
    if case .objects(let address) = location { try remote.send(prefix: address) }
  }

  private func location(_ uri: String) throws -> ContentLocation {
    guard let location = ContentLocation(uri) else {
      throw Refusal("'\(uri)' is neither an s3:// nor a file:// URI.")
    }
    return location
  }
}

extension ChannelSource {
  fileprivate init(_ channel: CreateTrainingJobRequest.Channel) {
    let kind: Kind =
      switch channel.form {
      case .prefix: .prefix
      case .manifest: .manifestFile
      case .augmented: .augmentedManifestFile(attributeNames: channel.attributeNames)
      }
    self.init(name: channel.name, uri: channel.uri, kind: kind, isSharded: channel.isSharded)
  }
}
