import Glibc
public import HostKit
import Synchronization

/// An object as a listing shows it.
public struct StoredObject: Sendable, Equatable {
  public let key: String
  public let size: Int64
  public let modified: Timestamp
}

/// Buckets of objects as plain files below one folder, which people can browse (see `ObjectPath` for the names).
///
/// An object appears at once and whole: it is written to a temporary file, synced and renamed, so a reader sees the old
/// bytes or the new ones and a power cut loses nothing that was acknowledged as durable. One instance per root and
/// process; several processes may read.
public final class BucketStore: Sendable {
  public let root: String
  /// Held while folders and names change, never while bytes are copied or synced.
  private let structure = Mutex(())

  public init(root: String) { self.root = root }

  /// Makes a bucket; false when it is there already.
  @discardableResult
  public func createBucket(_ name: String) throws(StoreError) -> Bool {
    guard ObjectAddress.isBucketName(name) else {
      throw StoreError(
        .invalidBucketName,
        "'\(name)' is no bucket name: it takes 3 to 63 lower-case letters, digits, dots and hyphens")
    }
    return try StoreError.wrapping { () throws(SystemError) in
      try Files.makeFolder(root)
      guard mkdir("\(root)/\(name)", 0o755) == 0 else {
        if errno == EEXIST { return false }
        throw SystemError("make folder", "\(root)/\(name)")
      }
      try Files.syncFolder(root)
      return true
    }
  }

  public func bucketExists(_ name: String) -> Bool {
    // A bucket that cannot be looked at cannot be used either: the next call says why.
    ObjectAddress.isBucketName(name) && (try? Files.status("\(root)/\(name)"))?.kind == .folder
  }

  public func buckets() throws(StoreError) -> [String] {
    guard Files.exists(root) else { return [] }
    return try StoreError.wrapping { () throws(SystemError) in try Files.names(in: root) }.filter(bucketExists)
  }

  /// Takes a file in: moved when it lies on the same file system, else copied and then removed. With `durable` the
  /// object survives a power cut once this returns. The file goes only when the object is there, so that a crash between
  /// leaves something to repeat this with.
  public func put(fromFile path: String, at address: ObjectAddress, durable: Bool = true) throws(StoreError) {
    try requireBucket(address)
    let status = try StoreError.wrapping { () throws(SystemError) in try Files.status(path) }
    guard status?.kind == .file else {
      throw StoreError(.unreadableInput, "cannot store \(path) as \(address): it is not a regular file")
    }
    let temporary = try temporaryPath()
    try StoreError.wrapping { () throws(SystemError) in
      if durable { try Descriptor.open(path, O_RDONLY | O_NOFOLLOW).sync(path: path) }
      if link(path, temporary) == 0 { return }
      // Another file system, or one without second names.
      guard [EXDEV, EPERM, EMLINK, ENOTSUP].contains(errno) else { throw SystemError("link \(path) to", temporary) }
    }
    if Files.exists(temporary) {
      try publish(temporary, at: address, durable: durable)
    } else if try !put(copyOf: path, at: address, durable: durable) {
      throw StoreError(.unreadableInput, "cannot store \(path) as \(address): it changes while it is copied")
    }
    try StoreError.wrapping { () throws(SystemError) in try Files.remove(path) }
  }

  public func put(_ bytes: [UInt8], at address: ObjectAddress, durable: Bool = true) throws(StoreError) {
    try requireBucket(address)
    let temporary = try temporaryPath()
    try StoreError.wrapping { () throws(SystemError) in
      let file = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL)
      try file.write(bytes, path: temporary)
      if durable { try file.sync(path: temporary) }
    }
    try publish(temporary, at: address, durable: durable)
  }

  /// Stores a copy of a file and leaves the file alone. The copy bears the file's own time of change. False, and
  /// nothing stored, when the file changed while it was copied.
  @discardableResult
  public func put(
    copyOf path: String, at address: ObjectAddress, durable: Bool = true,
    onBytes: (Int64) throws(StoreError) -> Void = { _ in }
  ) throws(StoreError) -> Bool {
    try requireBucket(address)
    let temporary = try temporaryPath()
    do {
      let isWhole = try FileCopier.system.copy(
        path, to: temporary, keepsTimes: true, durable: durable, onBytes: onBytes)
      if isWhole { try publish(temporary, at: address, durable: durable) } else { unlink(temporary) }
      return isWhole
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Where an object's bytes lie, for reading only; nil when there is no such object.
  public func path(of address: ObjectAddress) throws(StoreError) -> String? {
    guard ObjectAddress.isBucketName(address.bucket), !address.key.isEmpty else { return nil }
    let plain = try self.plainPath(of: address)
    // The order matters: an object that is moved aside meanwhile is found under its second name.
    return try StoreError.wrapping { () throws(SystemError) in
      for candidate in [plain, plain + ObjectPath.asideSuffix]
      where try Files.status(candidate)?.kind == .file { return candidate }
      return nil
    }
  }

  public func object(at address: ObjectAddress) throws(StoreError) -> StoredObject? {
    guard let path = try path(of: address) else { return nil }
    let status = try StoreError.wrapping { () throws(SystemError) in try Files.status(path) }
    return status.map { StoredObject(key: address.key, size: $0.size, modified: $0.modified) }
  }

  /// At most `limit` objects whose keys begin with `prefix` and come after `after`, in byte order of their keys.
  public func list(
    _ bucket: String, prefix: String = "", after: String = "", limit: Int = 1000
  ) throws(StoreError) -> [StoredObject] {
    try requireBucket(ObjectAddress(bucket: bucket, key: prefix))
    var listing = ObjectListing(prefix: prefix, after: after, limit: limit)
    try StoreError.wrapping { () throws(SystemError) in try listing.visit("\(root)/\(bucket)", keyPrefix: "") }
    return listing.objects
  }

  /// Removes an object and the folders that it leaves empty; false when there is none.
  @discardableResult
  public func delete(_ address: ObjectAddress) throws(StoreError) -> Bool {
    try requireBucket(address)
    let folders = try ObjectPath.components(of: address.key).dropLast()
    return try structure.withLock { _ throws(StoreError) in
      guard let path = try path(of: address) else { return false }
      return try StoreError.wrapping { () throws(SystemError) in
        guard unlink(path) == 0 else { throw SystemError("remove", path) }
        var depth = folders.count
        while depth > 0, rmdir(folder(address.bucket, folders.prefix(depth))) == 0 { depth -= 1 }
        try Files.syncFolder(folder(address.bucket, folders.prefix(depth)))
        return true
      }
    }
  }

  /// Removes all objects whose keys begin with `prefix` and returns how many there were.
  @discardableResult
  public func deletePrefix(_ bucket: String, prefix: String) throws(StoreError) -> Int {
    var count = 0
    while true {
      let objects = try list(bucket, prefix: prefix)
      for object in objects where try delete(ObjectAddress(bucket: bucket, key: object.key)) { count += 1 }
      if objects.isEmpty { return count }
    }
  }

  /// Removes what writers left behind that did not live to finish. Only for a start, before anybody writes.
  public func discardUnfinishedWrites() throws(StoreError) {
    try StoreError.wrapping { () throws(SystemError) in try Files.remove("\(root)/.tmp") }
  }

  // MARK: Writing

  private func requireBucket(_ address: ObjectAddress) throws(StoreError) {
    guard bucketExists(address.bucket) else {
      throw StoreError(.noSuchBucket, "the bucket '\(address.bucket)' does not exist; create it first")
    }
  }

  private func plainPath(of address: ObjectAddress) throws(StoreError) -> String {
    folder(address.bucket, try ObjectPath.components(of: address.key)[...])
  }

  private func folder(_ bucket: String, _ components: ArraySlice<String>) -> String {
    ([root, bucket] + components).joined(separator: "/")
  }

  private func temporaryPath() throws(StoreError) -> String {
    // No bucket's name begins with a dot.
    try StoreError.wrapping { () throws(SystemError) in try Files.makeFolder("\(root)/.tmp") }
    return "\(root)/.tmp/\(Identifier.random(bytes: 16))"
  }

  /// Gives a finished temporary file its name; removes it when that fails.
  private func publish(_ temporary: String, at address: ObjectAddress, durable: Bool) throws(StoreError) {
    do {
      let folders = try ObjectPath.components(of: address.key)
      let changed = try structure.withLock { _ throws(StoreError) in
        try StoreError.wrapping { () throws(SystemError) in
          try place(temporary, bucketFolder: folder(address.bucket, []), components: folders)
        }
      }
      guard durable else { return }
      try StoreError.wrapping { () throws(SystemError) in
        // A folder that is gone again was emptied by a deletion, which needs no durability of ours.
        for folder in changed where Files.exists(folder) { try Files.syncFolder(folder) }
      }
    } catch {
      unlink(temporary)
      throw error
    }
  }

  /// Returns the folders whose entries changed.
  private func place(
    _ temporary: String, bucketFolder: String, components: [String]
  ) throws(SystemError) -> [String] {
    var folder = bucketFolder
    var changed: [String] = []
    for component in components.dropLast() {
      let inner = "\(folder)/\(component)"
      if try Files.status(inner)?.kind == .file {
        try Files.rename(inner, to: inner + ObjectPath.asideSuffix, durable: false)
      }
      if mkdir(inner, 0o755) == 0 {
        changed.append(folder)
      } else if errno != EEXIST {
        throw SystemError("make folder", inner)
      }
      folder = inner
    }
    let plain = "\(folder)/\(components.last ?? "")"
    let isTaken = try Files.status(plain)?.kind == .folder
    let aside = plain + ObjectPath.asideSuffix
    let wasMovedAside = try Files.status(aside) != nil
    let target = isTaken || wasMovedAside ? aside : plain
    try Files.rename(temporary, to: target, durable: false)
    return changed + [folder]
  }
}
