import Glibc
import HostKit

public struct ExtractedResult: Sendable, Equatable {
  public let files: Int
  public let folders: Int
  public let bytes: Int64
}

/// Unpacks archives that nobody vouches for.
///
/// Only regular files and folders are made, and only beneath the folder: each step of a path is opened by itself and
/// no link is ever followed. Of a member's mode only the executable bit is kept; of two members with the same path the
/// later one wins. A failure leaves the folder empty.
public enum ArchiveExtractor {
  /// The folder must be empty; a missing one is made.
  public static func extract(
    _ archive: String, into folder: String, limits: ArchiveLimits = .init()
  ) throws(ArchiveError) -> ExtractedResult {
    let root = try openEmpty(folder, archive: archive)
    do {
      return try withUTF8Names { () throws(ArchiveError) in
        var unpacking = Unpacking(archive: archive, root: root.number)
        let stream = try ArchiveStream(archive, limits: limits)
        while let member = try stream.next() { try unpacking.take(member, from: stream) }
        return ExtractedResult(files: unpacking.files, folders: unpacking.folders, bytes: unpacking.bytes)
      }
    } catch {
      throw emptied(folder, after: error)
    }
  }

  private static func openEmpty(_ folder: String, archive: String) throws(ArchiveError) -> Descriptor {
    do throws(SystemError) {
      try Files.makeFolder(folder)
      if try Files.names(in: folder).isEmpty { return try Descriptor.open(folder, O_RDONLY | O_DIRECTORY) }
    } catch { throw ArchiveError(archive: archive, error) }
    throw ArchiveError(
      .notEmpty, archive: archive, reason: "the folder \(folder) is not empty; unpack into an empty one")
  }

  private static func emptied(_ folder: String, after error: ArchiveError) -> ArchiveError {
    do {
      for name in try Files.names(in: folder) { try Files.remove("\(folder)/\(name)") }
      return error
    } catch let left {
      return ArchiveError(
        error.code, archive: error.archive, member: error.member,
        reason: "\(error.reason); moreover what was unpacked could not be removed: \(left)", cause: error.cause)
    }
  }
}

private struct Unpacking {
  let archive: String
  let root: Int32
  var files = 0
  var folders = 0
  var bytes: Int64 = 0

  mutating func take(_ member: ArchiveStream.Member, from stream: ArchiveStream) throws(ArchiveError) {
    var components = member.path.components
    guard let name = components.popLast() else { return }
    do {
      let parent = try enter(components)
      if member.isFolder {
        _ = try enter(name, in: parent.number)
        return
      }
      let file = try create(name, in: parent.number, isExecutable: member.isExecutable)
      let number = file.number
      bytes += try stream.readData(of: member) { (piece) throws(SystemError) in
        try Self.write(piece, to: number, name: name)
      }
      files += 1
    } catch let error as ArchiveError {
      throw error
    } catch let error as SystemError where [ENOTDIR, EISDIR, ELOOP, ENOTEMPTY].contains(error.code) {
      throw ArchiveError(
        .forbiddenMember, archive: archive, member: member.name,
        reason: "the archive has '\(error.subject)' both as a file and as a folder")
    } catch let error as SystemError {
      throw ArchiveError(archive: archive, member: member.name, error)
    } catch {
      throw ArchiveError(.system, archive: archive, member: member.name, reason: "\(error)")
    }
  }

  private mutating func enter(_ components: [String]) throws(SystemError) -> Descriptor {
    var folder = try open(".", in: root)
    for component in components { folder = try enter(component, in: folder.number) }
    return folder
  }

  /// Opens a folder in a folder, making it when it is missing.
  private mutating func enter(_ name: String, in folder: Int32) throws(SystemError) -> Descriptor {
    if mkdirat(folder, name, 0o755) == 0 {
      folders += 1
    } else if errno != EEXIST {
      throw SystemError("make folder", name)
    }
    return try open(name, in: folder)
  }

  private func open(_ name: String, in folder: Int32) throws(SystemError) -> Descriptor {
    let number = openat(folder, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC)
    guard number >= 0 else { throw SystemError("open", name) }
    return Descriptor(owning: number)
  }

  private mutating func create(
    _ name: String, in folder: Int32, isExecutable: Bool
  ) throws(SystemError) -> Descriptor {
    // A later member of the same path replaces the earlier one.
    if unlinkat(folder, name, 0) == 0 {
      files -= 1
    } else if errno != ENOENT {
      throw SystemError("replace", name)
    }
    let flags = O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC
    let number = openat(folder, name, flags, isExecutable ? 0o755 : 0o644)
    guard number >= 0 else { throw SystemError("create", name) }
    return Descriptor(owning: number)
  }

  private static func write(
    _ bytes: UnsafeRawBufferPointer, to file: Int32, name: String
  ) throws(SystemError) {
    var rest = bytes
    while !rest.isEmpty {
      let wrote = Glibc.write(file, rest.baseAddress, rest.count)
      if wrote < 0, errno == EINTR { continue }
      if wrote < 0 { throw SystemError("write", name) }
      rest = UnsafeRawBufferPointer(rebasing: rest[wrote...])
    }
  }
}
