import Glibc
import HostKit
import JSONKit

/// For buckets whose objects are copies of those of another store: which of its objects a file is the same as.
///
/// The note lies with the file and holds for its bytes of that moment only: what is replaced or changed by hand has
/// none. A note that got lost costs copying once more, nothing else.
extension BucketStore {
  private static let attribute = "user.htr-origin"

  /// The entity tag that the same object has in the other store; nil when it is not known to be the same.
  public func originTag(of address: ObjectAddress) throws(StoreError) -> String? {
    guard let path = try path(of: address) else { return nil }
    return try StoreError.wrapping { () throws(SystemError) in
      var status = stat()
      guard lstat(path, &status) == 0, let bytes = try ExtendedAttribute.read(Self.attribute, ofFile: path),
        let note = try? JSON(parsing: bytes), note["State"]?.string == Self.state(status)
      else { return nil }
      return note["Tag"]?.string
    }
  }

  /// Notes that the object now here, if it still is the one looked at, is the same as the other store's with that tag.
  public func noteOrigin(_ tag: String, of address: ObjectAddress, as object: StoredObject) throws(StoreError) {
    guard let path = try path(of: address) else { return }
    try StoreError.wrapping { () throws(SystemError) in
      let file = try Descriptor.open(path, O_RDONLY | O_NOFOLLOW)
      var status = stat()
      guard fstat(file.number, &status) == 0 else { throw SystemError("look at", path) }
      guard let there = try StoredObject.listed(address.key, path: path), there == object else { return }
      let note: JSON = ["Tag": .string(tag), "State": .string(Self.state(status))]
      _ = try ExtendedAttribute.write(note.bytes, as: Self.attribute, to: file, path: path)
    }
  }

  private static func state(_ status: stat) -> String {
    "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec)"
  }
}
