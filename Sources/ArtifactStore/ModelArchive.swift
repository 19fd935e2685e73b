import ArchiveKit
import Glibc
import HostKit

/// A model archive that is held open: whatever becomes of its path, what is hashed is what is unpacked.
struct ModelArchive: ~Copyable {
  let path: String
  private let file: Descriptor
  private let before: stat

  init(_ path: String) throws(ModelStoreError) {
    let file = try Self.open(path)
    before = try Self.status(of: file, path)
    self.path = path
    self.file = file
  }

  private static func open(_ path: String) throws(ModelStoreError) -> Descriptor {
    do { return try FileCopier.open(path, beneath: nil) } catch {
      throw ModelStoreError(
        .unreadable,
        "The model archive \(path) cannot be read (\(error.cause?.reason ?? error.message)). Put it back, or create the model anew from another archive.",
        cause: error.cause)
    }
  }

  /// The open file itself, under any name or none.
  private var handle: String { "/proc/self/fd/\(file.number)" }

  func digest() throws(ModelStoreError) -> String {
    try ModelStoreError.wrapping { () throws(SystemError) in try Digest.sha256(ofFile: handle) }
  }

  /// Throws `changed` when the bytes are others.
  func check(_ sha256: String) throws(ModelStoreError) {
    let found = try digest()
    guard found != sha256 else { return }
    throw ModelStoreError(
      .changed,
      "The model archive \(path) was changed since the model was created: its SHA-256 was \(sha256), now it is \(found). Put the old archive back, or create the model anew."
    )
  }

  /// Unpacks into an empty folder, which is the caller's to remove after a failure.
  func unpack(into folder: String, limits: ArchiveLimits) throws(ModelStoreError) {
    try checkRoom(at: Files.parent(of: folder))
    do throws(ArchiveError) {
      _ = try ArchiveExtractor.extract(handle, into: folder, limits: limits)
    } catch {
      throw explained(error)
    }
    let after = try Self.status(of: file, path)
    guard FileCopier.isSame(before, after) else {
      throw ModelStoreError(
        .changed, "The model archive \(path) changed while it was unpacked. Let nothing write to it and try again.")
    }
  }

  /// Refuses at once what cannot fit, where that is known beforehand.
  private func checkRoom(at folder: String) throws(ModelStoreError) {
    let needed = try leastUnpackedBytes()
    guard let free = Files.availableBytes(at: folder), free < needed else { return }
    let cause = SystemError("unpack \(path) to", folder, code: ENOSPC)
    throw ModelStoreError(
      .diskFull,
      "The disk is full: the model archive \(path) unpacks to \(needed) bytes at least, and where \(folder) lies only \(free) are free. Free some space and try again.",
      cause: cause)
  }

  /// A gzip file tells the size of its last part, less whole 4 GiB, at its end. No archive is believed to grow more
  /// than deflate can make it, and none shrinks.
  private func leastUnpackedBytes() throws(ModelStoreError) -> Int64 {
    let packed = Int64(before.st_size)
    var end = [UInt8](repeating: 0, count: 4)
    guard try prefix(2) == [0x1F, 0x8B], pread(file.number, &end, 4, off_t(packed) - 4) == 4 else { return packed }
    let claimed = end.reversed().reduce(Int64(0)) { $0 << 8 | Int64($1) }
    return max(packed, min(claimed, packed * 1032))
  }

  private func explained(_ error: ArchiveError) -> ModelStoreError {
    switch error.code {
    case .damaged:
      // What cannot be looked at was damaged in another way.
      guard (try? looksLikeArchive()) != false else {
        return ModelStoreError(
          .notAnArchive,
          "The model archive \(path) is no tar archive, plain or compressed. Pack the folder of the model's files as a .tar.gz."
        )
      }
      return ModelStoreError(
        .damaged,
        "The model archive \(path) is cut off or damaged (\(error.reason)). Write or upload it again and create the model anew."
      )
    case .forbiddenMember:
      return ModelStoreError(
        .forbiddenMember,
        "The model archive \(path) has a member that is never unpacked, '\(error.member ?? "")': \(error.reason).")
    case .limitExceeded:
      let place = error.member.map { " at its member '\($0)'" } ?? ""
      return ModelStoreError(.tooLarge, "The model archive \(path) is too large\(place): \(error.reason).")
    case .notEmpty, .changed, .system:
      let isFull = error.cause?.isFull == true
      return ModelStoreError(
        isFull ? .diskFull : .system,
        "The model archive \(path) could not be unpacked: \(error.reason).\(isFull ? " Free some space and try again." : "")",
        cause: error.cause)
    }
  }

  private func looksLikeArchive() throws(ModelStoreError) -> Bool {
    let marks: [[UInt8]] = [
      [0x1F, 0x8B], [0x42, 0x5A, 0x68], [0xFD, 0x37, 0x7A, 0x58, 0x5A], [0x28, 0xB5, 0x2F, 0xFD],
    ]
    let head = try prefix(512)
    return marks.contains { head.starts(with: $0) } || head.dropFirst(257).starts(with: "ustar".utf8)
  }

  private func prefix(_ count: Int) throws(ModelStoreError) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: count)
    let got = pread(file.number, &bytes, count, 0)
    guard got >= 0 else { throw ModelStoreError(SystemError("read", path)) }
    return Array(bytes.prefix(got))
  }

  private static func status(of file: borrowing Descriptor, _ path: String) throws(ModelStoreError) -> stat {
    do { return try FileCopier.status(of: file, path: path) } catch { throw ModelStoreError(error) }
  }
}
