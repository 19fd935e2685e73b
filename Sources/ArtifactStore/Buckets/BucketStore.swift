import Glibc
import HostKit
import Synchronization

/// Buckets of objects as plain files below one folder, which people can browse (see `ObjectPath` for the names).
///
/// An object appears at once and whole: it is written to a temporary file, synced and renamed, so a reader sees the old
/// bytes or the new ones and a power cut loses nothing that was acknowledged as durable. One instance per root and
/// process; several processes may read.
public final class BucketStore: Sendable {
  public let root: String
  /// Held while folders and names change, never while bytes are copied or synced.
  let structure = Mutex(())
  /// An upload is completed or given up by one at a time.
  let uploadTurns = BlockingTurns()

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
      try StoredBucket.noteCreation(of: folder(name, []))
      try Files.syncFolder(root)
      return true
    }
  }

  public func bucketExists(_ name: String) -> Bool {
    // A bucket that cannot be looked at cannot be used either: the next call says why.
    ObjectAddress.isBucketName(name) && (try? Files.status("\(root)/\(name)"))?.kind == .folder
  }

  /// All buckets, by name.
  public func buckets() throws(StoreError) -> [StoredBucket] {
    guard Files.exists(root) else { return [] }
    return try StoreError.wrapping { () throws(SystemError) in
      var found: [StoredBucket] = []
      for name in try Files.names(in: root) where ObjectAddress.isBucketName(name) {
        if let bucket = try StoredBucket(name, folder: "\(root)/\(name)") { found.append(bucket) }
      }
      return found
    }
  }

  /// The bucket; nil when there is none.
  public func bucket(_ name: String) throws(StoreError) -> StoredBucket? {
    guard ObjectAddress.isBucketName(name) else { return nil }
    return try StoreError.wrapping { () throws(SystemError) in
      try StoredBucket(name, folder: folder(name, []))
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

  /// The object, opened for reading; nil when there is none.
  public func open(_ address: ObjectAddress) throws(StoreError) -> OpenObject? {
    // Twice, for one that is moved aside between the look and the opening.
    for _ in 1...2 {
      guard let path = try path(of: address) else { return nil }
      do throws(SystemError) {
        if let object = try OpenObject(address.key, path: path) { return object }
      } catch {
        guard error.code == ENOENT else { throw StoreError(error) }
      }
    }
    return nil
  }

  /// The object as a listing shows it; nil when there is none.
  public func object(at address: ObjectAddress) throws(StoreError) -> StoredObject? { try open(address)?.object }

  /// At most `limit` objects whose keys begin with `prefix` and come after `after`, in byte order of their keys.
  public func list(
    _ bucket: String, prefix: String = "", after: String = "", limit: Int = 1000
  ) throws(StoreError) -> [StoredObject] {
    try page(of: bucket, ListingRequest(prefix: prefix, start: .after(after), limit: limit)).objects
  }

  /// One page of a listing. It costs what it shows, whatever the bucket holds besides, unless very many keys share a
  /// folder. What changes while it is made may be in it or not; what does not change is right.
  public func page(of bucket: String, _ request: ListingRequest) throws(StoreError) -> ListingPage {
    try requireBucket(ObjectAddress(bucket: bucket, key: ""))
    return try StoreError.wrapping { () throws(SystemError) in
      try ListingWalk.page(of: folder(bucket, []), request)
    }
  }

  /// Removes what writers left behind that did not live to finish, and uploads in parts that nobody completed for a
  /// week. Only for a start, before anybody writes.
  public func discardUnfinishedWrites() throws(StoreError) {
    try StoreError.wrapping { () throws(SystemError) in try Files.remove("\(root)/.tmp") }
    try discardUploads(begunBefore: Timestamp.now().advanced(bySeconds: -7 * 86_400))
  }

  func requireBucket(_ address: ObjectAddress) throws(StoreError) {
    guard bucketExists(address.bucket) else {
      throw StoreError(.noSuchBucket, "the bucket '\(address.bucket)' does not exist; create it first")
    }
  }

  func plainPath(of address: ObjectAddress) throws(StoreError) -> String {
    folder(address.bucket, try ObjectPath.components(of: address.key)[...])
  }

  func folder(_ bucket: String, _ components: ArraySlice<String>) -> String {
    ([root, bucket] + components).joined(separator: "/")
  }
}
