import Glibc
import HostKit

extension BucketStore {
  /// Makes an object of another one's bytes, those that were there when `source` was opened: by shared blocks or inside
  /// the kernel, where no new sum is asked for.
  /// - Parameters:
  ///   - attributes: headers and metadata of the new object; nil for those of the source.
  ///   - checksum: what to sum the bytes with; nil for the source's own sum, if it has one.
  public func copy(
    _ source: OpenObject, to address: ObjectAddress, attributes: ObjectAttributes? = nil,
    checksum: ChecksumAlgorithm? = nil, condition: ObjectCondition = .none
  ) throws(StoreError) -> StoredObject {
    let known = source.object.attributes
    let size = source.object.size
    if let checksum, known.checksum?.algorithm != checksum || known.checksum?.isComposite == true {
      let writer = try beginObject(at: address, checksum: checksum)
      try source.forEachPiece(of: 0..<size) { (piece) throws(StoreError) in try writer.append(piece) }
      return try publish(writer, at: address, attributes: attributes ?? known, condition: condition)
    }
    var copied = known
    copied.uploadID = nil
    if let attributes {
      copied.headers = attributes.headers
      copied.metadata = attributes.metadata
    }
    return try publishFile(at: address, attributes: copied, condition: condition) {
      (file, path) throws(StoreError) in
      try RangeCopy.copy(source, count: size, to: file, path: path, at: 0)
    }
  }

  /// Makes an object of a new file that `fill` writes.
  func publishFile(
    at address: ObjectAddress, attributes: ObjectAttributes, condition: ObjectCondition,
    fill: (borrowing Descriptor, String) throws(StoreError) -> Void
  ) throws(StoreError) -> StoredObject {
    try requireBucket(address)
    _ = try ObjectPath.components(of: address.key)
    let path = try temporaryPath()
    let opened: OpenObject
    do throws(StoreError) {
      let file = try StoreError.wrapping { () throws(SystemError) in
        try Descriptor.open(path, O_RDWR | O_CREAT | O_EXCL)
      }
      try fill(file, path)
      try attributes.note(in: file, path: path)
      try StoreError.wrapping { () throws(SystemError) in try file.sync(path: path) }
      opened = try openUnpublished(address.key, path)
    } catch {
      Glibc.unlink(path)
      throw error
    }
    try publish(path, at: address, durable: true, condition: condition)
    return opened.object
  }
}
