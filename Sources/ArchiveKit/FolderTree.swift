// Its headers own `stat` when they are read before the C library's module.
import CArchive
import Glibc
package import HostKit

/// The regular files and folders of a folder, as we pack and copy them: a link counts as what it points to as long as
/// that lies inside the folder. Everything else is refused by name, as it cannot be carried to another place.
package struct FolderTree: Sendable {
  package struct Member: Sendable, Equatable {
    /// Relative to the folder, without a trailing slash.
    package let path: String
    /// Where to read it: absolute or relative as the folder was given.
    package let source: String
    package let isFolder: Bool

    package init(path: String, source: String, isFolder: Bool) {
      self.path = path
      self.source = source
      self.isFolder = isFolder
    }
  }

  package struct Fault: Error {
    package let member: String
    package let reason: String
    package let cause: SystemError?
    package let isLimit: Bool

    init(_ member: String, _ reason: String, cause: SystemError? = nil, isLimit: Bool = false) {
      self.member = member
      self.reason = reason
      self.cause = cause
      self.isLimit = isLimit
    }
  }

  /// In byte order of their paths, so a folder precedes what it holds.
  package private(set) var members: [Member] = []
  /// What was left out, when that was asked for.
  package private(set) var skipped: [String] = []
  package let realRoot: String

  private let maximumMembers: Int
  private let skipsForbidden: Bool
  private static let maximumDepth = 128

  /// Walks the folder at once. With `skipsForbidden` what cannot be carried, and what vanishes meanwhile, is listed in
  /// `skipped`; without it the first such member is the error.
  package init(
    of folder: String, maximumMembers: Int = 1_000_000, skipsForbidden: Bool = false
  ) throws(Fault) {
    guard let root = Self.realPath(folder) else {
      throw Fault("", "the folder \(folder) cannot be read", cause: SystemError("open", folder))
    }
    realRoot = root
    self.maximumMembers = maximumMembers
    self.skipsForbidden = skipsForbidden
    do {
      guard let status = try Files.status(root), status.kind == .folder else {
        throw SystemError("list", folder, code: ENOTDIR)
      }
      try walk(folder, prefix: "", above: [Place(status)])
    } catch let fault as Fault {
      throw fault
    } catch {
      throw Fault("", "\(error)", cause: error as? SystemError)
    }
    members.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
  }

  /// Opens a member for reading and proves that what was opened is a regular file inside the root, even if somebody
  /// swapped a folder for a link after the walk.
  package static func open(_ source: String, beneath realRoot: String) throws(SystemError) -> Descriptor {
    let file = try Descriptor.open(source, O_RDONLY | O_NONBLOCK)
    var status = stat()
    guard fstat(file.number, &status) == 0 else { throw SystemError("look at", source) }
    guard status.st_mode & S_IFMT == S_IFREG else { throw SystemError("read", source, code: EINVAL) }
    guard let path = realPath("/proc/self/fd/\(file.number)"), isInside(path, realRoot) else {
      throw SystemError("read, because it lies outside \(realRoot),", source, code: EPERM)
    }
    return file
  }

  package static func realPath(_ path: String) -> String? {
    guard let resolved = realpath(path, nil) else { return nil }
    defer { free(resolved) }
    return String(cString: resolved)
  }

  private static func isInside(_ path: String, _ root: String) -> Bool {
    root == "/" || path.utf8.elementsEqual(root.utf8) || path.utf8.starts(with: "\(root)/".utf8)
  }

  private struct Place: Equatable {
    let device: UInt64
    let inode: UInt64
    init(_ status: Files.Status) { (device, inode) = (status.device, status.inode) }
  }

  private mutating func walk(_ folder: String, prefix: String, above: [Place]) throws {
    for name in try Files.names(in: folder) {
      let source = "\(folder)/\(name)"
      let path = prefix + name
      guard let found = try resolve(source, path) else { continue }
      guard members.count < maximumMembers else {
        throw Fault(path, "there are more than \(maximumMembers) files and folders", isLimit: true)
      }
      let isFolder = found.kind == .folder
      members.append(Member(path: path, source: source, isFolder: isFolder))
      guard isFolder else { continue }
      if above.contains(Place(found)) {
        members.removeLast()
        try forbid(path, "it is a link to a folder that holds it")
      } else if above.count >= Self.maximumDepth {
        throw Fault(path, "it lies deeper than \(Self.maximumDepth) folders", isLimit: true)
      } else {
        try walk(source, prefix: path + "/", above: above + [Place(found)])
      }
    }
  }

  /// The file or folder that stands at a path, links followed; nil when it is left out.
  private mutating func resolve(_ source: String, _ path: String) throws -> Files.Status? {
    guard let status = try Files.status(source) else {
      let isNotText = path.unicodeScalars.contains("\u{FFFD}")
      return try forbid(path, isNotText ? "its name is not UTF-8" : "it vanished while it was read")
    }
    switch status.kind {
    case .file, .folder: return status
    case .other: return try forbid(path, "it is neither a regular file nor a folder (a device, socket or fifo)")
    case .link:
      guard let target = Self.realPath(source), let found = try Files.status(target) else {
        return try forbid(path, "it is a link to nothing")
      }
      guard Self.isInside(target, realRoot) else {
        return try forbid(path, "it is a link that leads out of the folder, to \(target)")
      }
      guard found.kind == .file || found.kind == .folder else {
        return try forbid(path, "it is a link to neither a regular file nor a folder")
      }
      return found
    }
  }

  @discardableResult
  private mutating func forbid(_ path: String, _ reason: String) throws -> Files.Status? {
    guard skipsForbidden else { throw Fault(path, reason) }
    skipped.append(path)
    return nil
  }
}
