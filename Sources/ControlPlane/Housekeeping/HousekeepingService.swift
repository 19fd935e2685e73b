import HostKit
public import JSONKit
import Persistence
import Resources
public import Wire

/// What keeps the daemon's folder in order: snapshots of the store for backups, and the removal of what nobody needs.
public struct HousekeepingService: Sendable {
  private static let snapshotPrefix = "snapshot-"
  private static let millisecondsADay = 86_400_000.0

  private let home: Home
  private let store: Store
  private let remote: RemoteBuckets
  private let threads: BlockingThreads

  init(_ parts: DaemonParts) {
    home = parts.home
    store = parts.store
    remote = parts.remoteBuckets
    threads = parts.copyThreads
  }

  /// Writes the store's state of one instant into a file, which is the caller's to remove; and tells which training jobs
  /// had not ended then, for their working folders are of a later instant.
  public func snapshot() async throws(ServiceError) -> JSON {
    let path = "\(home.cache)/\(Self.snapshotPrefix)\(Identifier.random(bytes: 8)).sqlite"
    let active: [String]
    do {
      active = try await threads.run { [store] in try store.snapshot(to: path) }
    } catch { throw ServiceError(.internalFailure, "\(error)") }
    return ["Path": .string(path), "ActiveTrainingJobs": .array(active.map { .string($0) })]
  }

  /// Removes what has been of no use for some days, or only tells what it would remove.
  ///
  /// That is: the working folders of jobs that have ended (their records, logs and artifacts stay), unpacked models that
  /// no endpoint serves, snapshots that were left behind, and copies of objects that lie in an S3 elsewhere. (Half-written objects and old uploads go at each start.)
  public func sweep(olderThanDays days: Double, isTrial: Bool) async throws(ServiceError) -> JSON {
    let limit = Timestamp(milliseconds: Timestamp.now().milliseconds - Int64(days * Self.millisecondsADay))
    do {
      let ended = try await store.trainingJobNames(endedBefore: limit)
      let found = try await threads.run { [self] in
        try workingFolders(of: ended) + unusedModels(before: limit) + leftSnapshots(before: limit)
      }
      let copies = try await threads.run { [remote] in try remote.copies(before: limit) }
      if !isTrial {
        for item in found { try await remove(item, endedBefore: limit) }
        try await threads.run { [remote] in
          for copy in copies { try remote.removeCopies(in: copy.bucket, before: limit) }
        }
      }
      let items = found + copies.map { Item(of: $0.bucket, in: home, bytes: $0.bytes) }
      return [
        "DryRun": .bool(isTrial), "Bytes": .integer(items.reduce(0) { $0 + $1.bytes }),
        "Items": .array(items.map(\.json)),
      ]
    } catch { throw ServiceError(.internalFailure, "\(error)") }
  }

  /// Looks once more at a job before its folder goes: another may have taken its name meanwhile.
  private func remove(_ item: Item, endedBefore limit: Timestamp) async throws {
    if let job = item.job {
      guard let ended = try await store.trainingJob(named: job)?.endedAt, ended < limit else { return }
    }
    try await threads.run { try Files.remove(item.path) }
  }

  private struct Item {
    let path: String
    /// Whose working folder it is.
    let job: String?
    let bytes: Int64
    let reason: String

    init(_ path: String, _ reason: String, of job: String? = nil) {
      self.path = path
      self.job = job
      self.reason = reason
      bytes = Files.bytesOnDisk(below: path)
    }

    /// The copies in a bucket that lies in an S3 elsewhere.
    init(of bucket: String, in home: Home, bytes: Int64) {
      path = "\(home.buckets)/\(bucket)"
      job = nil
      reason = "copies of objects that lie in the S3 elsewhere"
      self.bytes = bytes
    }

    var json: JSON { ["Path": .string(path), "Bytes": .integer(bytes), "Reason": .string(reason)] }
  }

  private func workingFolders(of jobs: [String]) throws -> [Item] {
    try jobs.flatMap { job -> [Item] in
      guard Files.exists(home.job(job)) else { return [] }
      return try Files.names(in: home.job(job)).filter { Int($0) != nil }.map {
        Item("\(home.job(job))/\($0)", "attempt \($0) of job \(job), which has ended", of: job)
      }
    }
  }

  /// Should one be taken into use at this moment, its worker fails and the next one unpacks it again.
  private func unusedModels(before limit: Timestamp) throws -> [Item] {
    let (endpoints, unreadable) = try store.allEndpoints()
    let (transforms, unreadableTransforms) = try store.activeTransformJobs()
    // Whatever an unreadable record uses is kept.
    guard unreadable.isEmpty, unreadableTransforms.isEmpty else { return [] }
    let used = Set(endpoints.flatMap(\.digests) + transforms.flatMap(\.containers).compactMap(\.sha256))
    return try Files.names(in: home.models).filter { name in
      guard name.utf8.count == 64, !used.contains(name) else { return false }
      return try Files.status("\(home.models)/\(name)").map { $0.modified < limit } ?? false
    }.map { Item("\(home.models)/\($0)", "an unpacked model that no endpoint serves") }
  }

  private func leftSnapshots(before limit: Timestamp) throws -> [Item] {
    try Files.names(in: home.cache).filter { name in
      guard name.hasPrefix(Self.snapshotPrefix) else { return false }
      return try Files.status("\(home.cache)/\(name)").map { $0.modified < limit } ?? false
    }.map { Item("\(home.cache)/\($0)", "a snapshot that a broken-off backup left") }
  }
}
