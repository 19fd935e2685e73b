import ArchiveKit
import Glibc
import HostKit

/// Copies of files from other file systems, kept by digest where HTR_HOME lies, so that the next job shares their
/// blocks instead of copying them again.
///
/// Only for a file system that can share blocks between files: elsewhere a cache would double the copying and save
/// nothing, so there is none. An index file for each (device, inode) remembers size, times and digest; a changed file
/// is copied anew. A cached file whose bytes are not those of its name is thrown away when it would be used.
struct ContentCache: Sendable {
  private let folder: String
  private let copier: FileCopier

  /// Nil where the folder's file system cannot share blocks.
  init?(folder: String, copier: FileCopier) throws(StoreError) {
    self.folder = folder
    self.copier = copier
    guard try Self.canClone(in: folder, copier) else { return nil }
  }

  /// Makes `destination` a block-sharing copy of `source`; false when the source changed meanwhile or sharing failed,
  /// so that the caller copies plainly.
  func place(_ source: String, beneath root: String, at destination: String) throws(StoreError) -> Bool {
    let input = try FileCopier.open(source, beneath: root)
    let status = try FileCopier.status(of: input, path: source)
    let digest: String
    if let known = knownDigest(of: status), try isIntact(known) {
      digest = known
    } else if let added = try add(source, beneath: root, status: status) {
      digest = added
    } else {
      return false
    }
    return try StoreError.wrapping { () throws(SystemError) in
      let cached = try Descriptor.open(path(of: digest), O_RDONLY)
      let mode: UInt32 = status.st_mode & 0o111 != 0 ? 0o755 : 0o644
      let output = try Descriptor.open(destination, O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode: mode)
      if copier.clone(cached.number, output.number) { return true }
      unlink(destination)
      return false
    }
  }

  private func add(_ source: String, beneath root: String, status: stat) throws(StoreError) -> String? {
    let temporary = "\(folder)/tmp-\(Identifier.random(bytes: 16))"
    // After success it has another name, and otherwise nobody wants it.
    defer { unlink(temporary) }
    guard try copier.copy(source, beneath: root, to: temporary) else { return nil }
    return try StoreError.wrapping { () throws(SystemError) in
      let digest = try Digest.sha256(ofFile: temporary)
      chmod(temporary, 0o444)
      try Files.makeFolder(Files.parent(of: path(of: digest)))
      try Files.rename(temporary, to: path(of: digest), durable: false)
      try Files.makeFolder("\(folder)/index")
      try Files.write(Self.fingerprint(status) + digest, to: indexPath(status), durable: false)
      return digest
    }
  }

  private func knownDigest(of status: stat) -> String? {
    // An index file that cannot be read only costs another copy.
    guard let text = try? Files.readText(indexPath(status), limit: 1024) else { return nil }
    let fingerprint = Self.fingerprint(status)
    let digest = text.dropFirst(fingerprint.count)
    return text.hasPrefix(fingerprint) && digest.utf8.count == 64 ? String(digest) : nil
  }

  private func isIntact(_ digest: String) throws(StoreError) -> Bool {
    let path = path(of: digest)
    guard Files.exists(path) else { return false }
    return try StoreError.wrapping { () throws(SystemError) in
      if try Digest.sha256(ofFile: path) == digest { return true }
      try Files.remove(path)
      return false
    }
  }

  private func path(of digest: String) -> String { "\(folder)/sha256/\(digest.prefix(2))/\(digest)" }

  private func indexPath(_ status: stat) -> String {
    "\(folder)/index/\(String(status.st_dev, radix: 16))-\(String(status.st_ino, radix: 16))"
  }

  private static func fingerprint(_ status: stat) -> String {
    let changed = status.st_ctim
    return "\(status.st_size) \(status.st_mtim.tv_sec).\(status.st_mtim.tv_nsec) \(changed.tv_sec).\(changed.tv_nsec) "
  }

  private static func canClone(in folder: String, _ copier: FileCopier) throws(StoreError) -> Bool {
    try StoreError.wrapping { () throws(SystemError) in
      try Files.makeFolder(folder)
      let names = ["source", "copy"].map { "\(folder)/probe-\(Identifier.random(bytes: 8))-\($0)" }
      defer { for name in names { unlink(name) } }
      let source = try Descriptor.open(names[0], O_RDWR | O_CREAT | O_EXCL)
      try source.write([UInt8](repeating: 1, count: 4096), path: names[0])
      let copy = try Descriptor.open(names[1], O_RDWR | O_CREAT | O_EXCL)
      return copier.clone(source.number, copy.number)
    }
  }
}
