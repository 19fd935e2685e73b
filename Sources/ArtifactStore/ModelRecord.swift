import ArchiveKit
import Glibc
import HostKit
import JSONKit

/// What is noted beside the files of an unpacked archive: what they were, and the run of the kernel in which they were
/// last known to be that.
struct ModelRecord: Equatable {
  /// Digest over the path and the digest of every file, and the path of every folder.
  var contents: String
  var bytes: Int64
  var boot: String

  /// Takes in what lies in a folder now.
  init(of folder: String) throws(SystemError) {
    let tree = try Self.tree(folder)
    var hash = Digest.SHA256()
    bytes = 0
    for member in tree.members {
      let digest = member.isFolder ? "folder" : try Digest.sha256(ofFile: member.source)
      // No path and no digest holds a zero byte: two listings are never the same text.
      hash.update(Array("\(member.path)\0\(digest)\0".utf8))
      if !member.isFolder { bytes += try Files.status(member.source)?.size ?? 0 }
    }
    contents = hash.finish()
    boot = Boot.id
  }

  /// Nil when it is missing or torn.
  init?(readFrom path: String) {
    guard let text = try? Files.readText(path, limit: 4096), let json = try? JSON(parsing: text),
      let contents = json["contents"]?.string, let bytes = json["bytes"]?.integer, let boot = json["boot"]?.string
    else { return nil }
    self.contents = contents
    self.bytes = bytes
    self.boot = boot
  }

  /// Not synced: after a power cut a torn record only costs another unpacking.
  func write(to path: String) throws(SystemError) {
    let json: JSON = ["contents": .string(contents), "bytes": .integer(bytes), "boot": .string(boot)]
    try Files.write(json.text, to: path, mode: 0o444, durable: false)
  }

  static func tree(_ folder: String) throws(SystemError) -> FolderTree {
    do throws(FolderTree.Fault) {
      return try FolderTree(of: folder)
    } catch {
      throw error.cause
        ?? SystemError("read the model file \(error.member), for \(error.reason), in", folder, code: EINVAL)
    }
  }
}
