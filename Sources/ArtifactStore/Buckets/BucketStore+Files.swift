import Glibc
import HostKit

extension BucketStore {
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
      if isWhole { try publish(temporary, at: address, durable: durable) } else { Glibc.unlink(temporary) }
      return isWhole
    } catch {
      Glibc.unlink(temporary)
      throw error
    }
  }
}
