import Glibc
import HostKit

/// The files and folders in a folder, in no order; links and everything else are passed over.
struct FolderEntries: ~Copyable {
  struct Entry {
    let name: String
    let isFolder: Bool
  }

  private let path: String
  private let stream: OpaquePointer?

  /// A folder that is not there, or no longer, has no entries.
  init(_ path: String) throws(SystemError) {
    self.path = path
    stream = opendir(path)
    if stream == nil, errno != ENOENT { throw SystemError("list", path) }
  }

  deinit { if let stream { closedir(stream) } }

  func next() throws(SystemError) -> Entry? {
    guard let stream else { return nil }
    while true {
      errno = 0
      guard let found = readdir(stream) else {
        guard errno == 0 else { throw SystemError("list", path) }
        return nil
      }
      let name = withUnsafePointer(to: &found.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(validatingCString: $0) }
      }
      guard let name, name != ".", name != ".." else { continue }
      switch Int(found.pointee.d_type) {
      case Int(DT_DIR): return Entry(name: name, isFolder: true)
      case Int(DT_REG): return Entry(name: name, isFolder: false)
      case Int(DT_UNKNOWN):
        let kind = try Files.status("\(path)/\(name)")?.kind
        if kind == .file || kind == .folder { return Entry(name: name, isFolder: kind == .folder) }
      default: continue
      }
    }
  }

  /// Whether a folder holds an object at any depth. Stops at the first.
  static func holdObject(below folder: String) throws(SystemError) -> Bool {
    switch try firstSign(in: folder) {
    case .object: return true
    case .folder(let name): if try holdObject(below: "\(folder)/\(name)") { return true }
    case .nothing: return false
    }
    // An empty folder, which we do not leave: look everywhere.
    let entries = try FolderEntries(folder)
    while let entry = try entries.next() {
      guard let name = ObjectPath.Entry(entry.name) else { continue }
      guard entry.isFolder else {
        if !name.isContinued { return true }
        continue
      }
      if !name.isAside, try holdObject(below: "\(folder)/\(entry.name)") { return true }
    }
    return false
  }

  private enum Sign {
    case object, nothing
    case folder(String)
  }

  /// Keeps no stream open while deeper folders are looked at: they may be a thousand.
  private static func firstSign(in folder: String) throws(SystemError) -> Sign {
    let entries = try FolderEntries(folder)
    while let entry = try entries.next() {
      guard let name = ObjectPath.Entry(entry.name) else { continue }
      if entry.isFolder, !name.isAside { return .folder(entry.name) }
      if !entry.isFolder, !name.isContinued { return .object }
    }
    return .nothing
  }
}
