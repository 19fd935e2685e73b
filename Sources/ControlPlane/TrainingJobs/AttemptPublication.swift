import ArchiveKit
import ArtifactStore
import HostKit
import JSONKit
import Lifecycles
import Resources
import Wire
import WorkerContract

/// Turns what a shim left in an attempt's folder into the job's ending, with its archives in their bucket.
struct AttemptPublication: Sendable {
  private let home: Home
  private let buckets: BucketStore
  private let remote: RemoteBuckets
  private let catalog: RuntimeCatalog
  private let layouts: LayoutPool

  init(_ parts: DaemonParts) {
    home = parts.home
    buckets = parts.buckets
    remote = parts.remoteBuckets
    catalog = parts.catalog
    layouts = parts.layouts
  }

  /// Reads the end record and publishes its archives. Repeating it changes nothing.
  func publish(_ job: TrainingJob, _ folder: AttemptFolder) throws -> AttemptEnding {
    guard let end = try AttemptEnd.read(folder.end) else {
      throw SystemError("read", folder.end, code: 2)
    }
    let request = try CreateTrainingJobRequest(json: job.request)
    let log = home.log(job.name)
    if let status = try Files.status(log), status.size > 0 { try Files.sync(log) }
    let explanation = AttemptExplanation(
      end: end, folder: folder, log: log, runtime: try? catalog.runtime(for: request))
    var ending = AttemptEnding(verdict: explanation.verdict)
    ending.exitCode = end.exit.code.map { Int($0) }
    ending.signal = end.exit.signal.map { Int($0) }
    ending.workerStartedAt = end.exit.startedAt
    ending.workerEndedAt = end.exit.endedAt
    ending.cpuSeconds = end.exit.cpuSeconds
    ending.peakMemoryBytes = end.exit.peakMemoryBytes
    if let archive = end.output {
      ending.output = try publish(archive, from: folder.outputArchive, to: job.outputURI)
    }
    if let archive = end.model {
      ending.model = try publish(archive, from: folder.modelArchive, to: job.modelURI)
    } else if end.exit.keepsModel, !request.compressesModel {
      ending.model = try publishFiles(in: TrainingLayout(base: folder.base).model, to: job.modelURI)
    }
    return ending
  }

  /// Whether an artifact of the job belongs into an S3 elsewhere.
  func sends(_ ending: AttemptEnding) -> Bool { !elsewhere(ending).isEmpty }

  /// Sends the artifacts to the S3 elsewhere that their buckets lie in. One that refuses them fails the job, which keeps
  /// its artifacts here; one that is away is waited for. Repeating it changes nothing.
  func send(_ ending: AttemptEnding) throws -> AttemptEnding {
    var ending = ending
    for address in elsewhere(ending) {
      do throws(ArtifactStore.StoreError) {
        // A model that is not compressed is a folder of objects.
        if address.key.hasSuffix("/") { try remote.send(prefix: address) } else { try remote.send(address) }
      } catch {
        guard error.isClientFault else { throw error }
        ending.verdict = .failed(
          Failure(.client, "Data upload failed: \(error) The artifact is kept in \(home.buckets)."))
      }
    }
    return ending
  }

  private func elsewhere(_ ending: AttemptEnding) -> [ObjectAddress] {
    [ending.output, ending.model].compactMap { $0.flatMap { ObjectAddress($0.uri) } }
      .filter(remote.holds)
  }

  /// True when the end record can be believed. What a shim leaves is not synced, so one of an earlier boot may be torn
  /// by a power cut: then it is removed, with the archives, and the attempt counts as one whose shim was killed.
  func discardTornEnd(_ folder: AttemptFolder) throws -> Bool {
    // A spec that cannot be read is a sign of the same.
    if (try? LaunchSpec.read(folder.spec))?.boot == Boot.id { return true }
    if let end = try? AttemptEnd.read(folder.end), try isWhole(end.model, folder.modelArchive),
      try isWhole(end.output, folder.outputArchive)
    {
      return true
    }
    for path in [folder.modelArchive, folder.outputArchive, folder.workerExit, folder.end] { try Files.remove(path) }
    return false
  }

  /// An archive that is gone was published before the power cut, and published means synced.
  private func isWhole(_ archive: PackedArchive?, _ path: String) throws -> Bool {
    guard let archive, Files.exists(path) else { return true }
    return try Digest.sha256(ofFile: path) == archive.sha256
  }

  private func publish(
    _ archive: PackedArchive, from path: String, to uri: String
  ) throws -> TrainingJob.Artifact {
    let address = try address(uri)
    _ = try buckets.createBucket(address.bucket)
    if Files.exists(path) { try buckets.put(fromFile: path, at: address) }
    guard let published = try buckets.path(of: address) else {
      throw SystemError("publish", path, code: 2)
    }
    return .init(uri: uri, path: published, sha256: archive.sha256, size: archive.size)
  }

  /// CompressionType NONE: each file of the model by itself. The digest is that of the list of files and digests.
  private func publishFiles(in folder: String, to uri: String) throws -> TrainingJob.Artifact {
    let root = try address(uri)
    _ = try buckets.createBucket(root.bucket)
    var lines = ""
    var size: Int64 = 0
    for path in try Self.files(in: folder, below: "") {
      let source = "\(folder)/\(path)"
      lines += "\(try Digest.sha256(ofFile: source))  \(path)\n"
      size += try Files.status(source)?.size ?? 0
      try buckets.put(copyOf: source, at: ObjectAddress(bucket: root.bucket, key: root.key + path))
    }
    let place = "\(home.buckets)/\(root.bucket)/\(root.key)"
    return .init(uri: uri, path: place, sha256: Digest.sha256(of: Array(lines.utf8)), size: size)
  }

  private static func files(in folder: String, below path: String) throws -> [String] {
    try Files.names(in: path.isEmpty ? folder : "\(folder)/\(path)").flatMap { name -> [String] in
      let inner = path.isEmpty ? name : "\(path)/\(name)"
      switch try Files.status("\(folder)/\(inner)")?.kind {
      case .file: return [inner]
      case .folder: return try files(in: folder, below: inner)
      default: return []
      }
    }
  }

  /// Copies what changed in the checkpoint folder to the job's CheckpointConfig.
  func syncCheckpoints(of job: TrainingJob, _ folder: AttemptFolder) throws {
    guard let uri = job.request["CheckpointConfig"]?["S3Uri"]?.string else { return }
    try DataPreparation(home: home, buckets: buckets, remote: remote).saveCheckpoints(
      from: TrainingLayout(base: folder.base).checkpoints, to: uri)
  }

  private func address(_ uri: String) throws -> ObjectAddress {
    guard let address = ObjectAddress(uri) else {
      throw ServiceError.validation("'\(uri)' is no s3:// URI.")
    }
    return address
  }

  /// Removes what an ended attempt no longer needs. A failed one keeps its code and output, for whoever looks into it.
  func tidy(_ folder: AttemptFolder, keepsWork: Bool) throws {
    let layout = TrainingLayout(base: folder.base)
    try layouts.takeBackPipe(folder.output)
    for path in [folder.modelArchive, folder.outputArchive] { try Files.remove(path) }
    if keepsWork {
      for path in ["\(layout.input)/data", layout.model, layout.checkpoints] { try Files.remove(path) }
    } else {
      try layouts.takeBack(layout)
    }
  }
}
