import ArchiveKit
import HostKit

/// The files that a model's archive is to hold: those of a folder, some of them renamed, left out or added.
struct ModelTree {
  /// By their paths in the archive; each lies somewhere on this machine.
  private(set) var files: [String: String] = [:]
  private static let mostFiles = 100_000
  private static let deepest = 64
  static let code = "code"

  init(folder: String) throws {
    try add(folder, as: "", depth: 0)
  }

  /// A file or a folder with all that is in it; takes the place of files of the same names.
  mutating func add(_ path: String, as name: String) throws {
    guard let real = Files.realPath(absolutePath(path)) else {
      throw Failure("--add \(path)", "there is no such file or folder", advice: "Check the path.")
    }
    try add(real, as: try Self.checked(name), depth: 0)
  }

  /// Moves a file, or a folder with all that is in it, within the archive.
  mutating func rename(_ old: String, to new: String) throws {
    let (old, new) = (try Self.checked(old), try Self.checked(new))
    let moved = files.filter { $0.key == old || $0.key.hasPrefix(old + "/") }
    guard !moved.isEmpty else {
      let names = files.keys.sorted()
      throw Failure(
        "--rename \(old)=\(new)", "the model has no \(old)",
        advice: "It has: \(names.prefix(20).joined(separator: ", "))\(names.count > 20 ? ", ..." : "").")
    }
    for (name, path) in moved {
      files[name] = nil
      let target = new + name.dropFirst(old.count)
      guard files[target] == nil else {
        throw Failure("--rename \(old)=\(new)", "the model has a \(target) already", advice: "Choose another name.")
      }
      files[target] = path
    }
  }

  /// Leaves out whatever lies below a folder.
  mutating func remove(below folder: String) {
    files = files.filter { !$0.key.hasPrefix(folder + "/") }
  }

  func pack(to path: String) throws -> PackedResult {
    do throws(ArchiveError) {
      return try ArchivePacker.packTarGzip(members: files.map { (name: $0.key, source: $0.value) }, to: path)
    } catch {
      throw Failure("pack \(path)", error.description, status: error.code == .system ? .troubled : .invalid)
    }
  }

  private mutating func add(_ path: String, as name: String, depth: Int) throws {
    guard depth <= Self.deepest, files.count < Self.mostFiles else {
      throw Failure(
        "pack \(path)", "a model has at most \(Self.mostFiles) files, \(Self.deepest) folders deep",
        advice: "Leave out what is no part of it.")
    }
    guard try Files.status(path)?.kind == .folder else {
      files[name] = path
      return
    }
    for child in try Files.names(in: path) {
      try add("\(path)/\(child)", as: name.isEmpty ? child : "\(name)/\(child)", depth: depth + 1)
    }
  }

  private static func checked(_ name: String) throws -> String {
    let parts = name.split(separator: "/")
    guard !parts.isEmpty, !name.hasPrefix("/"), !parts.contains(".."), !parts.contains(".") else {
      throw Failure("name \(name)", "it is no path inside an archive", advice: "Write for instance code/inference.py.")
    }
    return parts.joined(separator: "/")
  }
}
