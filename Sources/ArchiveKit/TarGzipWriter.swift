import CArchive
import Glibc
import HostKit

/// A `.tar.gz` on its way to a file: what libarchive compresses is hashed and written by us, so that the digest is
/// that of the very bytes on the disk and costs no second reading.
final class TarGzipWriter {
  private let path: String
  private let archive: OpaquePointer
  private let sink: HashingSink
  private var buffer = [UInt8](repeating: 0, count: 1 << 18)

  init(path: String) throws(ArchiveError) {
    self.path = path
    do {
      sink = HashingSink(try Descriptor.open(path, O_WRONLY | O_CREAT | O_TRUNC | O_NOFOLLOW), path: path)
    } catch { throw ArchiveError(archive: path, error) }
    guard let archive = archive_write_new() else {
      throw ArchiveError(archive: path, SystemError("allocate memory for", path, code: ENOMEM))
    }
    self.archive = archive
    // GNU tar: plain ustar wherever that suffices, extra headers only for long names and huge files. The choice follows
    // from the member alone, so the same folder always gives the same bytes. Names stay the bytes they are; pax would
    // have libarchive compose their accents anew when it reads them.
    try check(archive_write_set_format_gnutar(archive))
    try check(archive_write_add_filter_gzip(archive))
    try check(archive_write_set_options(archive, "gzip:!timestamp,gzip:compression-level=1"))
    try check(archive_write_set_bytes_per_block(archive, 1 << 16))
    try check(archive_write_set_bytes_in_last_block(archive, 1))
    let context = Unmanaged.passUnretained(sink).toOpaque()
    try check(
      archive_write_open(
        archive, context, nil,
        { _, context, bytes, count in
          guard let context, let bytes else { return -1 }
          let sink = Unmanaged<HashingSink>.fromOpaque(context).takeUnretainedValue()
          return sink.take(UnsafeRawBufferPointer(start: bytes, count: count)) ? count : -1
        }, nil))
  }

  deinit {
    // Without this, libarchive would finish the archive while freeing it, after a failure too.
    archive_write_fail(archive)
    archive_write_free(archive)
  }

  func add(_ member: FolderTree.Member, realRoot: String) throws(ArchiveError) {
    if member.isFolder { return try header(name: member.path + "/", type: S_IFDIR, mode: 0o755, size: 0) }
    do {
      let file = try FolderTree.open(member.source, beneath: realRoot)
      var status = stat()
      guard fstat(file.number, &status) == 0 else { throw SystemError("look at", member.source) }
      guard !sink.isSameFile(status) else {
        throw ArchiveError(
          .forbiddenMember, archive: path, member: member.path,
          reason: "the archive lies in the folder that it packs; write it elsewhere")
      }
      let mode: mode_t = status.st_mode & 0o100 != 0 ? 0o755 : 0o644
      try header(name: member.path, type: S_IFREG, mode: mode, size: Int64(status.st_size))
      try copy(file.number, member: member.path, size: Int64(status.st_size))
    } catch let error as ArchiveError {
      throw error
    } catch let error as SystemError {
      throw ArchiveError(archive: path, member: member.path, error)
    } catch {
      throw ArchiveError(.system, archive: path, member: member.path, reason: "\(error)")
    }
  }

  /// Ends the archive and waits until it is on the disk.
  func finish() throws(ArchiveError) -> (sha256: String, size: Int64) {
    try check(archive_write_close(archive))
    return sink.finish()
  }

  private func header(name: String, type: mode_t, mode: mode_t, size: Int64) throws(ArchiveError) {
    guard let entry = archive_entry_new() else {
      throw ArchiveError(archive: path, SystemError("allocate memory for", path, code: ENOMEM))
    }
    defer { archive_entry_free(entry) }
    archive_entry_set_pathname(entry, name)
    archive_entry_set_filetype(entry, type)
    archive_entry_set_perm(entry, mode)
    archive_entry_set_size(entry, size)
    archive_entry_set_mtime(entry, 0, 0)
    archive_entry_set_uid(entry, 0)
    archive_entry_set_gid(entry, 0)
    try check(archive_write_header(archive, entry), member: name)
  }

  private func copy(_ file: Int32, member: String, size: Int64) throws(ArchiveError) {
    var left = size
    while left > 0 {
      let got = Glibc.read(file, &buffer, Int(min(left, Int64(buffer.count))))
      if got < 0, errno == EINTR { continue }
      if got < 0 { throw ArchiveError(archive: path, member: member, SystemError("read", member)) }
      guard got > 0 else {
        throw ArchiveError(
          .changed, archive: path, member: member,
          reason: "it became shorter while it was packed; let nothing write to the folder and pack again")
      }
      guard archive_write_data(archive, buffer, got) == got else { throw failure(member: member) }
      left -= Int64(got)
    }
  }

  private func check(_ status: Int32, member: String? = nil) throws(ArchiveError) {
    guard status == ARCHIVE_OK else { throw failure(member: member) }
  }

  private func failure(member: String?) -> ArchiveError {
    if let cause = sink.failure { return ArchiveError(archive: path, member: member, cause) }
    let reason = archive_error_string(archive).map { String(cString: $0) } ?? "cannot be written"
    return ArchiveError(.system, archive: path, member: member, reason: reason)
  }
}

/// The end of the pipe: counts, hashes and writes. Keeps the first failure, as libarchive only passes "failed" on.
private final class HashingSink {
  private let file: Int32
  private let path: String
  private var hash = Digest.SHA256()
  private var size: Int64 = 0
  private(set) var failure: SystemError?

  init(_ file: consuming Descriptor, path: String) {
    self.file = file.release()
    self.path = path
  }

  deinit { close(file) }

  func take(_ bytes: UnsafeRawBufferPointer) -> Bool {
    hash.update(bytes)
    var rest = bytes
    while !rest.isEmpty {
      let wrote = Glibc.write(file, rest.baseAddress, rest.count)
      if wrote < 0, errno == EINTR { continue }
      if wrote < 0 {
        failure = SystemError("write", path)
        return false
      }
      rest = UnsafeRawBufferPointer(rebasing: rest[wrote...])
    }
    size += Int64(bytes.count)
    return true
  }

  func isSameFile(_ other: stat) -> Bool {
    var own = stat()
    return fstat(file, &own) == 0 && own.st_dev == other.st_dev && own.st_ino == other.st_ino
  }

  func finish() -> (sha256: String, size: Int64) { (hash.finish(), size) }
}
