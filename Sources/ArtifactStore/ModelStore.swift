public import ArchiveKit
import Glibc
import HostKit

/// A model archive's files, unpacked. They are read-only and shared by all who serve them.
public struct UnpackedModel: Sendable, Equatable {
  /// The folder of the files.
  public let folder: String
  /// The archive's digest.
  public let sha256: String
  /// Size of all files.
  public let bytes: Int64
  /// Whether they lay there already.
  public let wasThere: Bool
}

/// Unpacked model archives, each once, named by the digest of the archive: what has the name has those files.
///
/// An entry appears at once and whole. Nothing is synced, as that is slow: a power cut may tear an entry, so the first
/// who asks for one after a boot has every file compared with what it was, and unpacked anew if it differs. Calls
/// block; run them on a thread of their own. One daemon at a time uses the folder.
public final class ModelStore: Sendable {
  private let folder: String
  private let limits: ArchiveLimits
  private let turns = BlockingTurns()

  /// The folder (HTR_HOME/models) is made when it is needed.
  public init(folder: String, limits: ArchiveLimits = .init()) {
    self.folder = folder
    self.limits = limits
  }

  /// The digest by which an archive is asked for: its bytes' SHA-256.
  public func digest(of archive: String) throws(ModelStoreError) -> String {
    try ModelArchive(archive).digest()
  }

  /// The files of the archive with that digest. Of several who ask at once one unpacks and the others wait.
  ///
  /// The archive is looked at only if it is not unpacked yet: what was created from it can be served though it is gone.
  public func unpack(_ archive: String, sha256: String) throws(ModelStoreError) -> UnpackedModel {
    guard Self.isDigest(sha256) else {
      throw ModelStoreError(
        .changed, "The model archive \(archive) is asked for by '\(sha256)', which is no SHA-256 digest.")
    }
    return try turns.take(sha256) { () throws(ModelStoreError) in
      if let record = try intactRecord(of: sha256) { return model(sha256, record, wasThere: true) }
      let source = try ModelArchive(archive)
      try source.check(sha256)
      return model(sha256, try unpack(source, as: sha256), wasThere: false)
    }
  }

  /// A copy of the files for a program that may write to its model; blocks are shared where the file system can. The
  /// folder must be missing or empty; after a failure it is gone.
  public func copy(_ model: UnpackedModel, to folder: String) throws(ModelStoreError) {
    let tree = try ModelStoreError.wrapping { () throws(SystemError) in
      try Files.makeFolder(folder)
      guard try Files.names(in: folder).isEmpty else { throw SystemError("copy a model to", folder, code: ENOTEMPTY) }
      return try ModelRecord.tree(model.folder)
    }
    do throws(ModelStoreError) {
      try copy(tree, to: folder)
    } catch {
      try clear(folder, after: error)
      throw error
    }
  }

  /// Removes the archives that nobody needs, and answers their digests. One that is being unpacked stays; one that has
  /// been handed out stays only if it is named here.
  @discardableResult
  public func retain(only digests: Set<String>) throws(ModelStoreError) -> [String] {
    try ModelStoreError.wrapping { () throws(SystemError) in
      guard Files.exists(folder) else { return [] }
      var removed: [String] = []
      for name in try Files.names(in: folder) where Self.isDigest(name) && !digests.contains(name) {
        let aside = try temporaryName()
        // Moved aside first: at no moment does an entry lack some of its files.
        try turns.ifFree(name) { () throws(SystemError) in
          try Files.rename(entry(name), to: aside, durable: false)
          removed.append(name)
        }
        try Files.remove(aside)
      }
      return removed
    }
  }

  /// Removes what a daemon that died has left half unpacked or half removed. For the start, before anything else.
  public func discardUnfinished() throws(ModelStoreError) {
    try ModelStoreError.wrapping { () throws(SystemError) in try Files.remove(temporaryFolder) }
  }

  // MARK: Places

  private var temporaryFolder: String { "\(folder)/tmp" }
  private func entry(_ sha256: String) -> String { "\(folder)/\(sha256)" }
  private static func files(_ entry: String) -> String { "\(entry)/files" }
  private static func record(_ entry: String) -> String { "\(entry)/record.json" }

  private func temporaryName() throws(SystemError) -> String {
    try Files.makeFolder(temporaryFolder)
    return "\(temporaryFolder)/\(Identifier.random(bytes: 8))"
  }

  /// Only such a text becomes a file's name.
  private static func isDigest(_ text: String) -> Bool {
    text.utf8.count == 64 && text.utf8.allSatisfy { (48...57).contains($0) || (97...102).contains($0) }
  }

  private func model(_ sha256: String, _ record: ModelRecord, wasThere: Bool) -> UnpackedModel {
    UnpackedModel(folder: Self.files(entry(sha256)), sha256: sha256, bytes: record.bytes, wasThere: wasThere)
  }

  // MARK: Unpack

  /// Nil when there is no entry, or none any more because it was torn.
  private func intactRecord(of sha256: String) throws(ModelStoreError) -> ModelRecord? {
    let entry = entry(sha256)
    guard Files.exists(entry) else { return nil }
    if let record = ModelRecord(readFrom: Self.record(entry)) {
      if record.boot == Boot.id { return record }
      // A file that cannot be read differs, whatever the reason.
      if let now = try? ModelRecord(of: Self.files(entry)), now.contents == record.contents {
        // On a full disk the next who asks compares again.
        try? now.write(to: Self.record(entry))
        return now
      }
    }
    try ModelStoreError.wrapping { () throws(SystemError) in
      let aside = try temporaryName()
      try Files.rename(entry, to: aside, durable: false)
      try Files.remove(aside)
    }
    return nil
  }

  private func unpack(_ source: borrowing ModelArchive, as sha256: String) throws(ModelStoreError) -> ModelRecord {
    let partial = try ModelStoreError.wrapping { () throws(SystemError) in try temporaryName() }
    do throws(ModelStoreError) {
      try ModelStoreError.wrapping { () throws(SystemError) in try Files.makeFolder(partial) }
      try source.unpack(into: Self.files(partial), limits: limits)
      return try ModelStoreError.wrapping { () throws(SystemError) in
        try Self.makeReadOnly(Self.files(partial))
        let record = try ModelRecord(of: Self.files(partial))
        try record.write(to: Self.record(partial))
        try Files.rename(partial, to: entry(sha256), durable: false)
        return record
      }
    } catch {
      try clear(partial, after: error)
      throw error
    }
  }

  private static func makeReadOnly(_ folder: String) throws(SystemError) {
    for member in try ModelRecord.tree(folder).members {
      let isExecutable = member.isFolder || access(member.source, X_OK) == 0
      guard chmod(member.source, isExecutable ? 0o555 : 0o444) == 0 else {
        throw SystemError("make read-only", member.source)
      }
    }
    guard chmod(folder, 0o555) == 0 else { throw SystemError("make read-only", folder) }
  }

  /// Removes what a failed call has left; when that fails too, both are told.
  private func clear(_ path: String, after error: ModelStoreError) throws(ModelStoreError) {
    do throws(SystemError) {
      try Files.remove(path)
    } catch let left {
      throw ModelStoreError(
        error.code, "\(error.message) Moreover what was begun could not be removed: \(left).", cause: error.cause)
    }
  }

  private func copy(_ tree: FolderTree, to folder: String) throws(ModelStoreError) {
    for member in tree.members {
      let destination = "\(folder)/\(member.path)"
      if member.isFolder {
        try ModelStoreError.wrapping { () throws(SystemError) in try Files.makeFolder(destination) }
        continue
      }
      let isWhole: Bool
      do throws(StoreError) {
        isWhole = try FileCopier.system.copy(member.source, beneath: tree.realRoot, to: destination)
      } catch { throw ModelStoreError(error) }
      guard isWhole else {
        throw ModelStoreError(.system, "The file \(member.source) of a model changed while it was copied. Try again.")
      }
    }
  }
}
