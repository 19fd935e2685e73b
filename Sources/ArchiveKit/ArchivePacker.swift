import Glibc
import HostKit

/// What was packed: the digest is that of the compressed file.
public struct PackedResult: Sendable, Equatable {
  public let sha256: String
  public let size: Int64
  /// Files and folders.
  public let members: Int
}

/// Packs folders as `.tar.gz` the way SageMaker lays out `model.tar.gz`: contents at the archive's root, no `./`.
///
/// The same files give the same bytes, whoever packs them and when: members in byte order of their paths, no times, no
/// owners, modes 0644 or 0755. Hence a digest tells whether two models are equal. Compression is the fastest level:
/// weights hardly shrink, and packing is on the way of every job. Memory stays flat. The file is neither synced nor
/// renamed: that is part of publishing it. After a failure no file is left.
public enum ArchivePacker {
  public static func packTarGzip(folder: String, to path: String) throws(ArchiveError) -> PackedResult {
    try packTarGzip(members: [(name: "", source: folder)], to: path)
  }

  /// Packs several roots, each a file or a folder, under its name; the name `""` puts a folder's contents at the
  /// archive's root. Folders of the same path are merged; a file that two roots bring is an error.
  public static func packTarGzip(
    members roots: [(name: String, source: String)], to path: String
  ) throws(ArchiveError) -> PackedResult {
    let planned = try plan(roots, archive: path)
    do {
      return try withUTF8Names { () throws(ArchiveError) in
        let writer = try TarGzipWriter(path: path)
        for item in planned { try writer.add(item.member, realRoot: item.realRoot) }
        let (sha256, size) = try writer.finish()
        return PackedResult(sha256: sha256, size: size, members: planned.count)
      }
    } catch {
      // Only a file: were the path a folder or a link, it was there before us.
      if let status = try? Files.status(path), status.kind == .file { unlink(path) }
      throw error
    }
  }

  private struct Planned {
    let member: FolderTree.Member
    let realRoot: String
  }

  private static func plan(
    _ roots: [(name: String, source: String)], archive: String
  ) throws(ArchiveError) -> [Planned] {
    var planned: [Planned] = []
    for root in roots { planned += try members(of: root, archive: archive) }
    planned.sort { $0.member.path.utf8.lexicographicallyPrecedes($1.member.path.utf8) }
    var result: [Planned] = []
    result.reserveCapacity(planned.count)
    for item in planned {
      guard let last = result.last?.member, last.path.utf8.elementsEqual(item.member.path.utf8) else {
        result.append(item)
        continue
      }
      guard last.isFolder, item.member.isFolder else {
        throw ArchiveError(
          .forbiddenMember, archive: archive, member: last.path,
          reason: "both \(last.source) and \(item.member.source) would have this name; rename one")
      }
    }
    return result
  }

  private static func members(
    of root: (name: String, source: String), archive: String
  ) throws(ArchiveError) -> [Planned] {
    let name: String
    do { name = try MemberPath(root.name, limits: .init()).text } catch {
      throw ArchiveError(.forbiddenMember, archive: archive, member: root.name, reason: error.reason)
    }
    guard let real = FolderTree.realPath(root.source) else {
      throw ArchiveError(archive: archive, member: root.name, SystemError("open", root.source))
    }
    do {
      if let status = try Files.status(real), status.kind == .file, !name.isEmpty {
        let member = FolderTree.Member(path: name, source: real, isFolder: false)
        return [Planned(member: member, realRoot: real)]
      }
      let tree = try FolderTree(of: root.source)
      let prefix = name.isEmpty ? "" : name + "/"
      let own = name.isEmpty ? [] : [FolderTree.Member(path: name, source: root.source, isFolder: true)]
      let inner = tree.members.map {
        FolderTree.Member(path: prefix + $0.path, source: $0.source, isFolder: $0.isFolder)
      }
      return (own + inner).map { Planned(member: $0, realRoot: tree.realRoot) }
    } catch let fault as FolderTree.Fault {
      throw ArchiveError(
        fault.isLimit ? .limitExceeded : fault.cause == nil ? .forbiddenMember : .system,
        archive: archive, member: fault.member, reason: fault.reason, cause: fault.cause)
    } catch let error as SystemError {
      throw ArchiveError(archive: archive, member: root.name, error)
    } catch {
      throw ArchiveError(.system, archive: archive, member: root.name, reason: "\(error)")
    }
  }
}
