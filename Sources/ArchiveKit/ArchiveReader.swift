import CArchive
import Glibc
import HostKit

/// One member of an archive.
public struct ArchiveMember: Sendable, Equatable {
  /// Relative, without `./` and without a trailing slash.
  public let path: String
  public let size: Int64
  public let isFolder: Bool
}

/// Reads tar archives, plain or packed with gzip, bzip2, xz or zstd.
public enum ArchiveReader {
  /// The members in the archive's order, under the same checks as unpacking; the root itself is left out.
  public static func list(
    _ archive: String, limits: ArchiveLimits = .init()
  ) throws(ArchiveError) -> [ArchiveMember] {
    try withUTF8Names { () throws(ArchiveError) in
      let stream = try ArchiveStream(archive, limits: limits)
      var members: [ArchiveMember] = []
      while let member = try stream.next() {
        let size = try stream.readData(of: member) { _ throws(SystemError) in }
        guard !member.path.components.isEmpty else { continue }
        members.append(ArchiveMember(path: member.path.text, size: size, isFolder: member.isFolder))
      }
      return members
    }
  }
}

/// An archive that is read once from front to end; every limit and every ban on members is enforced here.
final class ArchiveStream {
  struct Member {
    let name: String
    let path: MemberPath
    let isFolder: Bool
    let isExecutable: Bool
  }

  private let path: String
  private let limits: ArchiveLimits
  private let archive: OpaquePointer
  private var file: Int32 = -1
  private var members = 0
  private var bytes: Int64 = 0
  private let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)

  init(_ path: String, limits: ArchiveLimits) throws(ArchiveError) {
    self.path = path
    self.limits = limits
    guard let archive = archive_read_new() else {
      throw ArchiveError(archive: path, SystemError("allocate memory for", path, code: ENOMEM))
    }
    self.archive = archive
    do throws(SystemError) {
      let file = try Descriptor.open(path, O_RDONLY | O_NONBLOCK)
      var status = stat()
      guard fstat(file.number, &status) == 0 else { throw SystemError("look at", path) }
      guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("read as a file", path, code: EINVAL) }
      self.file = file.release()
    } catch { throw ArchiveError(archive: path, error) }
    archive_read_support_filter_gzip(archive)
    archive_read_support_filter_bzip2(archive)
    archive_read_support_filter_xz(archive)
    archive_read_support_filter_zstd(archive)
    archive_read_support_format_tar(archive)
    // Read on to the very end: a cut after the last member is then seen, also inside the compressor's trailer.
    archive_read_set_options(archive, "tar:read_concatenated_archives")
    guard archive_read_open_fd(archive, self.file, 1 << 16) == ARCHIVE_OK else { throw damage() }
  }

  deinit {
    archive_read_free(archive)
    buffer.deallocate()
    if file >= 0 { close(file) }
  }

  /// The next member; nil at the archive's proper end.
  func next() throws(ArchiveError) -> Member? {
    let before = archive_filter_bytes(archive, 0)
    var entry: OpaquePointer?
    let status = archive_read_next_header(archive, &entry)
    if status == ARCHIVE_EOF {
      // A tar ends with blocks of zeros. Without them it was cut off between two members.
      guard archive_filter_bytes(archive, 0) > before else {
        throw ArchiveError(.damaged, archive: path, reason: "it is truncated: its end marker is missing")
      }
      return nil
    }
    guard let entry, status == ARCHIVE_OK || (status == ARCHIVE_WARN && archive_errno(archive) != EILSEQ) else {
      throw damage()
    }
    members += 1
    guard members <= limits.maximumMembers else {
      throw exceeded(nil, "it holds more than \(limits.maximumMembers) members")
    }
    return try member(entry)
  }

  /// Hands the member's bytes on piece by piece and returns how many there were.
  func readData(
    of member: Member, _ take: (UnsafeRawBufferPointer) throws(SystemError) -> Void
  ) throws(ArchiveError) -> Int64 {
    var size: Int64 = 0
    while true {
      let got = archive_read_data(archive, buffer.baseAddress, buffer.count)
      if got == 0 { return size }
      guard got > 0 else {
        if got == Int(ARCHIVE_RETRY) { continue }
        throw damage(member.name)
      }
      size += Int64(got)
      try count(Int64(got), member: member.name)
      do { try take(UnsafeRawBufferPointer(rebasing: buffer[..<got])) } catch {
        throw ArchiveError(archive: path, member: member.name, error)
      }
    }
  }

  private func count(_ more: Int64, member: String) throws(ArchiveError) {
    bytes += more
    guard bytes <= limits.maximumBytes else {
      throw exceeded(member, "the archive unpacks to more than \(limits.maximumBytes) bytes")
    }
    guard bytes > ArchiveLimits.ratioStartsAt else { return }
    let packed = max(archive_filter_bytes(archive, -1), 1)
    guard bytes / packed <= limits.maximumRatio else {
      throw exceeded(
        member, "the archive unpacks to more than \(limits.maximumRatio) times its size (a decompression bomb?)")
    }
  }

  private func member(_ entry: OpaquePointer) throws(ArchiveError) -> Member {
    guard let raw = archive_entry_pathname(entry) else { throw damage() }
    let bytes = UnsafeBufferPointer(start: raw, count: strlen(raw)).lazy.map(UInt8.init(bitPattern:))
    let name = String(cString: raw)
    guard String(validating: bytes, as: UTF8.self) != nil else { throw forbidden(name, "its name is not UTF-8") }
    if archive_entry_hardlink(entry) != nil { throw forbidden(name, "it is a hard link") }
    let type = archive_entry_filetype(entry)
    guard type == S_IFREG || type == S_IFDIR else { throw forbidden(name, Self.kind(type)) }
    let path: MemberPath
    do { path = try MemberPath(name, limits: limits) } catch {
      switch error {
      case .forbidden(let reason): throw forbidden(name, reason)
      case .limit(let reason): throw exceeded(name, reason)
      }
    }
    if path.components.isEmpty, type != S_IFDIR { throw forbidden(name, "it bears the root's name but is a file") }
    return Member(
      name: name, path: path, isFolder: type == S_IFDIR,
      isExecutable: archive_entry_perm(entry) & 0o100 != 0)
  }

  private static func kind(_ type: mode_t) -> String {
    switch type {
    case S_IFLNK: "it is a symbolic link"
    case S_IFCHR, S_IFBLK: "it is a device"
    case S_IFIFO: "it is a fifo"
    case S_IFSOCK: "it is a socket"
    default: "it is neither a regular file nor a folder"
    }
  }

  private func forbidden(_ member: String, _ reason: String) -> ArchiveError {
    ArchiveError(
      .forbiddenMember, archive: path, member: member,
      reason: "\(reason); only regular files and folders beneath the archive's root are taken")
  }

  private func exceeded(_ member: String?, _ reason: String) -> ArchiveError {
    ArchiveError(.limitExceeded, archive: path, member: member, reason: reason)
  }

  private func damage(_ member: String? = nil) -> ArchiveError {
    let said = archive_error_string(archive).map { String(cString: $0) } ?? "it cannot be read"
    return ArchiveError(.damaged, archive: path, member: member, reason: "no readable tar archive: \(said)")
  }
}
