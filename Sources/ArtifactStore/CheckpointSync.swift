import ArchiveKit
import Glibc
import HostKit

/// What a restore or a sync did.
public struct CheckpointCounts: Sendable, Equatable {
  public var copied = 0
  public var bytes: Int64 = 0
  /// Files that were there already, with the same size and time.
  public var unchanged = 0
  /// Links out, devices and files that changed while they were read; the latter come with the next sync.
  public var skipped = 0

  public init() {}
}

/// Carries checkpoints between a job's folder and the place its request names.
///
/// Each file appears at its destination whole or not at all, bearing its own time of change; a file whose size and
/// time agree is not copied again, whoever asks and after any restart. Nothing is ever deleted: a checkpoint that a
/// job removes stays where it was synced to.
public struct CheckpointSync: Sendable {
  private static let temporaryPrefix = ".htr-sync-"

  private let store: BucketStore

  public init(store: BucketStore) { self.store = store }

  /// Brings everything under `location` to `folder`, before a job starts. Nothing there is fine: a first start.
  /// A bucket location means the keys below `KEY/`.
  public func restore(
    from location: ContentLocation, to folder: String, isCancelled: () -> Bool = { false }
  ) throws(StoreError) -> CheckpointCounts {
    var counts = CheckpointCounts()
    try StoreError.wrapping { () throws(SystemError) in try Files.makeFolder(folder) }
    try removeLeftovers(folder)
    switch location {
    case .local(let source):
      guard Files.exists(source) else { return counts }
      let (files, root) = try files(in: source, &counts)
      for file in files {
        try check(isCancelled)
        try copy(file.source, beneath: root, to: folder, as: file.path, &counts)
      }
    case .objects(let address):
      guard store.bucketExists(address.bucket) else { return counts }
      let prefix = Self.folderKey(address)
      var after = ""
      while let page = try nextPage(address.bucket, prefix, after), let last = page.last {
        after = last.key
        for object in page {
          try check(isCancelled)
          try restore(object, bucket: address.bucket, prefix: prefix, to: folder, &counts)
        }
      }
    }
    return counts
  }

  /// Copies what changed in `folder` to `location`. With `durable` (for the last sync of a job) the copies are synced
  /// to the disk before this returns.
  public func sync(
    _ folder: String, to location: ContentLocation, durable: Bool = false, isCancelled: () -> Bool = { false }
  ) throws(StoreError) -> CheckpointCounts {
    var counts = CheckpointCounts()
    guard Files.exists(folder) else { return counts }
    if case .local(let destination) = location {
      try StoreError.wrapping { () throws(SystemError) in try Files.makeFolder(destination) }
      try requireApart(folder, destination)
      try removeLeftovers(destination)
    }
    let (files, root) = try files(in: folder, &counts)
    for file in files {
      try check(isCancelled)
      switch location {
      case .local(let destination):
        try copy(file.source, beneath: root, to: destination, as: file.path, durable: durable, &counts)
      case .objects(let address):
        let target = ObjectAddress(bucket: address.bucket, key: Self.folderKey(address) + file.path)
        try store(file.source, at: target, durable: durable, &counts)
      }
    }
    return counts
  }

  private static func folderKey(_ address: ObjectAddress) -> String {
    address.key.isEmpty || address.key.utf8.last == UInt8(ascii: "/") ? address.key : address.key + "/"
  }

  private func nextPage(_ bucket: String, _ prefix: String, _ after: String) throws(StoreError) -> [StoredObject]? {
    let page = try store.list(bucket, prefix: prefix, after: after)
    return page.isEmpty ? nil : page
  }

  private func files(
    in folder: String, _ counts: inout CheckpointCounts
  ) throws(StoreError) -> ([FolderTree.Member], root: String) {
    do throws(FolderTree.Fault) {
      let tree = try FolderTree(of: folder, skipsForbidden: true)
      counts.skipped += tree.skipped.count
      return (
        tree.members.filter { !$0.isFolder && !Files.name(of: $0.path).hasPrefix(Self.temporaryPrefix) }, tree.realRoot
      )
    } catch {
      throw StoreError(
        error.isLimit ? .limitExceeded : .unreadableInput, "the checkpoints in \(folder): \(error.reason)",
        cause: error.cause)
    }
  }

  private func store(
    _ source: String, at target: ObjectAddress, durable: Bool, _ counts: inout CheckpointCounts
  ) throws(StoreError) {
    guard let status = Self.status(source) else {
      counts.skipped += 1
      return
    }
    if let path = try store.path(of: target), let there = Self.status(path), FileCopier.isSame(status, there) {
      counts.unchanged += 1
      return
    }
    do {
      let isWhole = try store.put(copyOf: source, at: target, durable: durable)
      count(isWhole, status, &counts)
    } catch { try skipVanished(error, &counts) }
  }

  private func restore(
    _ object: StoredObject, bucket: String, prefix: String, to folder: String, _ counts: inout CheckpointCounts
  ) throws(StoreError) {
    let relative = String(decoding: Array(object.key.utf8.dropFirst(prefix.utf8.count)), as: UTF8.self)
    if object.size == 0, relative.utf8.last ?? UInt8(ascii: "/") == UInt8(ascii: "/") { return }
    let parts = ObjectPath.split(relative)
    guard parts.allSatisfy({ !["", ".", ".."].contains($0) && $0.utf8.count <= 255 && !$0.utf8.contains(0) }) else {
      throw StoreError(
        .forbiddenInput, "the checkpoint s3://\(bucket)/\(object.key) cannot be a file: its key is no relative path")
    }
    guard let path = try store.path(of: ObjectAddress(bucket: bucket, key: object.key)) else { return }
    try copy(path, beneath: nil, to: folder, as: relative, &counts)
  }

  /// Copies one file to `folder/relative` under a temporary name first, unless it is there already.
  private func copy(
    _ source: String, beneath root: String?, to folder: String, as relative: String, durable: Bool = false,
    _ counts: inout CheckpointCounts
  ) throws(StoreError) {
    let destination = "\(folder)/\(relative)"
    guard let status = Self.status(source) else {
      counts.skipped += 1
      return
    }
    if let there = Self.status(destination), FileCopier.isSame(status, there) {
      counts.unchanged += 1
      return
    }
    let temporary = "\(folder)/\(Self.temporaryPrefix)\(Identifier.random(bytes: 8))"
    defer { unlink(temporary) }
    do {
      let isWhole = try FileCopier.system.copy(
        source, beneath: root, to: temporary, keepsTimes: true, durable: durable)
      if isWhole {
        try StoreError.wrapping { () throws(SystemError) in
          try Files.makeFolder(Files.parent(of: destination))
          try Files.rename(temporary, to: destination, durable: durable)
        }
      }
      count(isWhole, status, &counts)
    } catch { try skipVanished(error, &counts) }
  }

  private func count(_ isWhole: Bool, _ status: stat, _ counts: inout CheckpointCounts) {
    guard isWhole else {
      counts.skipped += 1
      return
    }
    counts.copied += 1
    counts.bytes += Int64(status.st_size)
  }

  /// A running job removes and replaces its checkpoints as it likes.
  private func skipVanished(_ error: StoreError, _ counts: inout CheckpointCounts) throws(StoreError) {
    guard error.code == .unreadableInput, error.cause?.code == ENOENT else { throw error }
    counts.skipped += 1
  }

  private func requireApart(_ folder: String, _ destination: String) throws(StoreError) {
    guard let from = FolderTree.realPath(folder), let to = FolderTree.realPath(destination) else { return }
    guard !"\(from)/".utf8.starts(with: "\(to)/".utf8), !"\(to)/".utf8.starts(with: "\(from)/".utf8) else {
      throw StoreError(
        .forbiddenInput, "checkpoints cannot be synced from \(folder) to \(destination): one holds the other")
    }
  }

  private func removeLeftovers(_ folder: String) throws(StoreError) {
    try StoreError.wrapping { () throws(SystemError) in
      for name in try Files.names(in: folder) where name.hasPrefix(Self.temporaryPrefix) {
        try Files.remove("\(folder)/\(name)")
      }
    }
  }

  private func check(_ isCancelled: () -> Bool) throws(StoreError) {
    if isCancelled() { throw StoreError(.cancelled, "carrying the checkpoints was cancelled") }
  }

  private static func status(_ path: String) -> stat? {
    var status = stat()
    return stat(path, &status) == 0 ? status : nil
  }
}
