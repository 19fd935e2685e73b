import CHost
import Glibc
import HostKit

/// Makes a folder like another one that may be in use: what is the same already stays as it is, what the other has no
/// more goes. Objects' own attributes are copied with them.
struct FolderCopy {
  /// What htr keeps with objects and buckets.
  private static let attribute = "user.htr"

  private(set) var files = 0
  private(set) var copiedFiles = 0
  private(set) var copiedBytes: Int64 = 0
  /// Whether a path of the source is left out.
  let leavesOut: (String) -> Bool

  init(leavingOut: @escaping (String) -> Bool = { _ in false }) { leavesOut = leavingOut }

  /// Returns when all that was copied is on the disk, names included.
  static func settle() { sync() }

  /// Copies a file or a folder; what is not there is none in the copy either.
  mutating func copy(_ source: String, to target: String) throws {
    guard let status = try Self.status(source) else { return try Files.remove(target) }
    switch status.st_mode & S_IFMT {
    case S_IFDIR:
      do { try copyFolder(source, to: target) } catch let error as SystemError {
        // Removed in the midst of it: so it is in the copy.
        guard error.code == ENOENT, !Files.exists(source) else { throw error }
        try Files.remove(target)
      }
    case S_IFREG: try copyFile(source, status, to: target)
    case S_IFLNK: try copyLink(source, to: target)
    // Sockets and pipes belong to processes.
    default: return
    }
  }

  private mutating func copyFolder(_ source: String, to target: String) throws {
    if let kind = try Files.status(target)?.kind, kind != .folder { try Files.remove(target) }
    try Files.makeFolder(target, mode: 0o700)
    let kept = try Files.names(in: source).filter { !leavesOut("\(source)/\($0)") }
    for name in try Files.names(in: target) where !kept.contains(name) { try Files.remove("\(target)/\(name)") }
    for name in kept { try copy("\(source)/\(name)", to: "\(target)/\(name)") }
    if let value = try ExtendedAttribute.read(Self.attribute, ofFile: source) {
      let folder = try Descriptor.open(target, O_RDONLY | O_DIRECTORY)
      try Self.setAttribute(value, of: folder, path: target)
    }
  }

  private mutating func copyFile(_ source: String, _ status: stat, to target: String) throws {
    files += 1
    if let old = try Self.status(target), old.st_mode & S_IFMT == S_IFREG, old.st_size == status.st_size,
      old.st_mtim.tv_sec == status.st_mtim.tv_sec, old.st_mtim.tv_nsec == status.st_mtim.tv_nsec
    {
      return
    }
    guard let input = try Self.open(source) else { return }
    let temporary = "\(target).part"
    try Files.remove(temporary)
    let output = try Descriptor.open(temporary, O_WRONLY | O_CREAT | O_EXCL, mode: UInt32(status.st_mode & 0o7777))
    copiedBytes += try Self.copyBytes(input, source, to: output, temporary)
    if let value = try ExtendedAttribute.read(Self.attribute, of: input, path: source) {
      try Self.setAttribute(value, of: output, path: target)
    }
    let times = [status.st_atim, status.st_mtim]
    guard futimens(output.number, times) == 0 else { throw SystemError("set the times of", target) }
    if let kind = try Files.status(target)?.kind, kind != .file { try Files.remove(target) }
    try Files.rename(temporary, to: target, durable: false)
    copiedFiles += 1
  }

  /// nil: it was removed since the folder was listed.
  private static func open(_ path: String) throws(SystemError) -> Descriptor? {
    do { return try Descriptor.open(path, O_RDONLY | O_NOFOLLOW) } catch {
      if error.code == ENOENT { return nil }
      throw error
    }
  }

  /// As many bytes as there are when the end is met: a log may grow meanwhile.
  private static func copyBytes(
    _ input: borrowing Descriptor, _ source: String, to output: borrowing Descriptor, _ target: String
  ) throws(SystemError) -> Int64 {
    var buffer = [UInt8](repeating: 0, count: 1 << 20)
    var offset: Int64 = 0
    while true {
      let got = pread(input.number, &buffer, buffer.count, off_t(offset))
      guard got >= 0 else { throw SystemError("read", source) }
      guard got > 0 else { return offset }
      try output.write(Array(buffer[..<got]), path: target)
      offset += Int64(got)
    }
  }

  private func copyLink(_ source: String, to target: String) throws {
    var buffer = [CChar](repeating: 0, count: 4097)
    guard readlink(source, &buffer, 4096) >= 0 else { throw SystemError("read the link", source) }
    try Files.remove(target)
    guard symlink(buffer, target) == 0 else { throw SystemError("make the link", target) }
  }

  private static func setAttribute(_ value: [UInt8], of file: borrowing Descriptor, path: String) throws {
    guard try ExtendedAttribute.write(value, as: attribute, to: file, path: path) else {
      throw Failure(
        "copy \(path)", "its file system keeps no extended attributes, in which objects have their types and checksums",
        advice: "Choose a folder on ext4, XFS, Btrfs or ZFS.", status: .troubled)
    }
  }

  private static func status(_ path: String) throws(SystemError) -> stat? {
    var value = stat()
    if lstat(path, &value) == 0 { return value }
    if errno == ENOENT || errno == ENOTDIR { return nil }
    throw SystemError("look at", path)
  }
}
