import ArchiveKit
import Glibc
import HostKit

/// The files of a script-mode job, as they go into `sourcedir.tar.gz`.
struct SourceBundle: Equatable {
  /// The entry point as a path inside the bundle.
  let program: String
  /// Named roots; an empty name puts a folder's contents at the bundle's root.
  let members: [Member]

  struct Member: Equatable {
    let name: String
    let path: String
  }

  /// Finds the files that the flags name; every one must exist.
  init(entryPoint: String, sourceFolder: String?, dependencies: [String], from folder: String? = nil) throws {
    let main: Member
    if let sourceFolder {
      let root = absolutePath(sourceFolder, from: folder)
      try Self.require(root, "--source-dir", isFolder: true)
      try Self.require("\(root)/\(entryPoint)", "--entry-point (in \(root))")
      program = entryPoint
      main = Member(name: "", path: root)
    } else {
      let path = absolutePath(entryPoint, from: folder)
      try Self.require(path, "--entry-point")
      program = Files.name(of: path)
      main = Member(name: program, path: path)
    }
    let others = try dependencies.map {
      let path = absolutePath($0, from: folder)
      try Self.require(path, "--dependency")
      return Member(name: Files.name(of: path), path: path)
    }
    members = [main] + others
    let names = members.map(\.name)
    guard Set(names).count == names.count else {
      throw Failure("--dependency", "two of them have the same name", advice: "Rename one of them.")
    }
  }

  /// The packed bundle's path in a folder of our own; `use` ends before both are removed.
  func packed<Result>(_ use: (String) throws -> Result) throws -> Result {
    try withTemporaryFolder { folder in
      let path = "\(folder)/sourcedir.tar.gz"
      do {
        _ = try ArchivePacker.packTarGzip(members: members.map { (name: $0.name, source: $0.path) }, to: path)
      } catch {
        throw Failure(
          "sources", "cannot be packed: \(error)",
          advice: "The folder may hold regular files and folders only.")
      }
      return try use(path)
    }
  }

  private static func require(_ path: String, _ option: String, isFolder: Bool = false) throws {
    guard Files.exists(path) else {
      throw Failure("\(option) \(path)", "there is no such file or folder", advice: "Check the path.")
    }
    if isFolder, access("\(path)/.", R_OK | X_OK) != 0 {
      throw Failure("\(option) \(path)", "is no folder that can be read", advice: "Check the path.")
    }
  }
}
