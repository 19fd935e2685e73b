import Glibc
import HostKit
import Synchronization

extension BucketStore {
  /// Begins an object whose bytes come bit by bit.
  public func beginObject(
    at address: ObjectAddress, hashesSHA256: Bool = false, checksum: ChecksumAlgorithm? = nil
  ) throws(StoreError) -> ObjectWriter {
    try requireBucket(address)
    _ = try ObjectPath.components(of: address.key)
    return try beginWriter(hashesSHA256: hashesSHA256, checksum: checksum)
  }

  func beginWriter(hashesSHA256: Bool, checksum: ChecksumAlgorithm?) throws(StoreError) -> ObjectWriter {
    let path = try temporaryPath()
    return try StoreError.wrapping { () throws(SystemError) in
      try ObjectWriter(at: path, hashesSHA256: hashesSHA256, checksum: checksum)
    }
  }

  /// Makes an object visible, whole and durable when this returns, if its bytes are as expected and what is there now is
  /// as `condition` says: of several writers that find nothing there, one succeeds.
  public func publish(
    _ writer: ObjectWriter, at address: ObjectAddress, attributes: ObjectAttributes,
    expecting expected: BodyExpectations = .init(), condition: ObjectCondition = .none
  ) throws(StoreError) -> StoredObject {
    try writer.seal(attributes, expecting: expected)
    let opened = try openUnpublished(address.key, writer.path)
    writer.markFinished()
    try publish(writer.path, at: address, durable: true, condition: condition)
    return opened.object
  }

  /// Opens what nobody knows yet: whatever replaces it at once, the answer tells of this.
  func openUnpublished(_ key: String, _ path: String) throws(StoreError) -> OpenObject {
    let opened = try StoreError.wrapping { () throws(SystemError) in try OpenObject(key, path: path) }
    guard let opened else { throw StoreError(.unreadableInput, "\(path) is no longer the file that was written") }
    return opened
  }

  func temporaryPath() throws(StoreError) -> String {
    // No bucket's name begins with a dot.
    try StoreError.wrapping { () throws(SystemError) in try Files.makeFolder("\(root)/.tmp") }
    return "\(root)/.tmp/\(Identifier.random(bytes: 16))"
  }

  /// Gives a finished temporary file its name; removes it when that fails.
  func publish(
    _ temporary: String, at address: ObjectAddress, durable: Bool, condition: ObjectCondition = .none
  ) throws(StoreError) {
    do {
      let folders = try ObjectPath.components(of: address.key)
      Failpoint.storeBeforeObjectNamed.hit()
      let changed = try structure.withLock { _ throws(StoreError) in
        // Again, under the lock: the bucket may have been deleted while the bytes came.
        try requireBucket(address)
        try check(condition, at: address)
        return try StoreError.wrapping { () throws(SystemError) in
          try place(temporary, bucketFolder: folder(address.bucket, []), components: folders)
        }
      }
      Failpoint.storeAfterObjectNamed.hit()
      guard durable else { return }
      try sync(changed)
    } catch {
      Glibc.unlink(temporary)
      throw error
    }
  }

  func check(_ condition: ObjectCondition, at address: ObjectAddress) throws(StoreError) {
    guard condition != .none else { return }
    let tag = try object(at: address)?.entityTag
    switch condition {
    case .none: return
    case .absent where tag == nil: return
    case .tag(let wanted) where wanted == tag: return
    case .tag where tag == nil: throw StoreError(.noSuchObject, "there is no object \(address)")
    default: throw StoreError(.conditionFailed, "the object \(address) is not as the request wants it to be")
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
