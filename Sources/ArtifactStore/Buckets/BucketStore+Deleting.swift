import Glibc
import HostKit
import Synchronization

extension BucketStore {
  /// Removes an object and the folders that it leaves empty, durably; false when there is none.
  @discardableResult
  public func delete(_ address: ObjectAddress) throws(StoreError) -> Bool {
    try requireBucket(address)
    guard let changed = try unlink(address) else { return false }
    try sync([changed])
    return true
  }

  /// Removes objects, durably when this returns: as one deletion each, but with one wait for the disk per folder.
  /// - Returns: for each key, why it could not be removed; nil where it is gone, or was never there.
  public func delete(_ keys: [String], in bucket: String) throws(StoreError) -> [StoreError?] {
    try requireBucket(ObjectAddress(bucket: bucket, key: ""))
    var changed: Set<String> = []
    var failures: [StoreError?] = []
    for key in keys {
      do throws(StoreError) {
        if let folder = try unlink(ObjectAddress(bucket: bucket, key: key)) { changed.insert(folder) }
        failures.append(nil)
      } catch {
        failures.append(error)
      }
    }
    try sync(changed)
    return failures
  }

  /// Removes all objects whose keys begin with `prefix` and returns how many there were.
  @discardableResult
  public func deletePrefix(_ bucket: String, prefix: String) throws(StoreError) -> Int {
    var count = 0
    while true {
      let keys = try list(bucket, prefix: prefix).map(\.key)
      guard !keys.isEmpty else { return count }
      for failure in try delete(keys, in: bucket) { if let failure { throw failure } }
      count += keys.count
    }
  }

  /// Removes a bucket that holds no object; its unfinished uploads go with it.
  public func deleteBucket(_ name: String) throws(StoreError) {
    let address = ObjectAddress(bucket: name, key: "")
    let path = folder(name, [])
    try structure.withLock { _ throws(StoreError) in
      try requireBucket(address)
      let isEmpty = try StoreError.wrapping { () throws(SystemError) in
        guard try !FolderEntries.holdObject(below: path) else { return false }
        try Self.removeEmptyFolders(below: path)
        if rmdir(path) == 0 { return true }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw SystemError("remove", path) }
        return false
      }
      guard isEmpty else {
        throw StoreError(.bucketNotEmpty, "the bucket '\(name)' is not empty: delete what is in it first")
      }
    }
    try sync([root])
    try discardUploads(in: name)
  }

  /// Folders that hold nothing, as a crash leaves them.
  private static func removeEmptyFolders(below path: String) throws(SystemError) {
    var names: [String] = []
    do {
      let entries = try FolderEntries(path)
      while let entry = try entries.next() { if entry.isFolder { names.append(entry.name) } }
    }
    for name in names {
      try removeEmptyFolders(below: "\(path)/\(name)")
      // One that holds something foreign stays, and so does the bucket.
      rmdir("\(path)/\(name)")
    }
  }

  /// Takes an object's name away; returns the folder that changed by that, or nil when there was no such object.
  private func unlink(_ address: ObjectAddress) throws(StoreError) -> String? {
    let folders = try ObjectPath.components(of: address.key).dropLast()
    return try structure.withLock { _ throws(StoreError) in
      var isFound = false
      // There are two where somebody put a file beside one that had been moved aside.
      while let path = try path(of: address) {
        guard Glibc.unlink(path) == 0 else { throw StoreError(SystemError("remove", path)) }
        isFound = true
      }
      guard isFound else { return nil }
      var depth = folders.count
      while depth > 0, rmdir(folder(address.bucket, folders.prefix(depth))) == 0 { depth -= 1 }
      return folder(address.bucket, folders.prefix(depth))
    }
  }

  /// Waits until the entries of folders are on the disk. One that is gone again was emptied by another deletion, whose
  /// own waiting covers it.
  func sync(_ folders: some Sequence<String>) throws(StoreError) {
    for path in folders {
      do throws(SystemError) { try Files.syncFolder(path) } catch {
        guard error.code == ENOENT else { throw StoreError(error) }
      }
    }
  }
}
