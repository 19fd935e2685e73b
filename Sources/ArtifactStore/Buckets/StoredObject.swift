import Glibc
public import HostKit

/// An object as a listing shows it.
public struct StoredObject: Sendable, Equatable {
  public let key: String
  public let size: Int64
  public let modified: Timestamp
  /// Without quotes; another one whenever the bytes are others.
  public let entityTag: String
  public let attributes: ObjectAttributes

  init(key: String, status: stat, attributes: ObjectAttributes?) {
    self.key = key
    size = Int64(status.st_size)
    modified = Timestamp(
      milliseconds: Int64(status.st_mtim.tv_sec) * 1000 + Int64(status.st_mtim.tv_nsec) / 1_000_000)
    entityTag = attributes?.entityTag ?? Self.derivedTag(status)
    self.attributes = attributes ?? ObjectAttributes()
  }

  /// The object in a file, without opening it; nil where there is no file, or no longer.
  static func listed(_ key: String, path: String) throws(SystemError) -> StoredObject? {
    var status = stat()
    guard lstat(path, &status) == 0 else {
      if errno == ENOENT || errno == ENOTDIR { return nil }
      throw SystemError("look at", path)
    }
    guard status.st_mode & S_IFMT == S_IFREG else { return nil }
    let attributes = try ObjectAttributes.read(ofFile: path, status)
    if let attributes, attributes.entityTag == nil {
      // Changed by hand, or replaced between the two looks.
      do { return try OpenObject(key, path: path)?.object } catch {
        guard error.code == ENOENT else { throw error }
        return nil
      }
    }
    return StoredObject(key: key, status: status, attributes: attributes)
  }

  /// The tag of a file that did not come through S3: jobs' output, files that people put there. Its form says that it
  /// is no MD5 of the bytes, as that of objects which were uploaded in parts.
  private static func derivedTag(_ status: stat) -> String {
    func hex(_ value: UInt64) -> String {
      let digits = String(value, radix: 16)
      return String(repeating: "0", count: 16 - digits.count) + digits
    }
    let time = UInt64(bitPattern: Int64(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int64(status.st_mtim.tv_nsec))
    return hex(UInt64(status.st_ino) << 40 ^ UInt64(status.st_size)) + hex(time) + "-1"
  }
}
