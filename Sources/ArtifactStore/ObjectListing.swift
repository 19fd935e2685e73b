import Glibc
import HostKit

/// One walk through a bucket's folders that meets the keys in byte order and enters only folders that can hold some.
struct ObjectListing {
  let prefix: String
  let after: String
  let limit: Int
  private(set) var objects: [StoredObject] = []

  init(prefix: String, after: String, limit: Int) {
    self.prefix = prefix
    self.after = after
    self.limit = limit
  }

  mutating func visit(_ folder: String, keyPrefix: String) throws(SystemError) {
    let items = try Self.items(in: folder)
    // Keys that continue in a folder may sort among those of its neighbours, so all of them are sorted together. Only
    // components beyond 200 bytes lead here.
    if items.contains(where: { $0.entry.isContinued }) {
      var all: [(key: String, path: String)] = []
      try Self.collect(folder, keyPrefix: keyPrefix, into: &all)
      for item in all.sorted(by: { Self.precedes($0.key, $1.key) }) where objects.count < limit {
        try add(item.key, path: item.path)
      }
      return
    }
    for item in items where objects.count < limit {
      let path = "\(folder)/\(item.name)"
      let key = keyPrefix + item.sortKey
      guard item.isFolder else {
        try add(key, path: path)
        continue
      }
      let isAbovePrefix = prefix.utf8.starts(with: key.utf8)
      guard isAbovePrefix || key.utf8.starts(with: prefix.utf8) else { continue }
      if Self.precedes(key, after), !after.utf8.starts(with: key.utf8) { continue }
      try visit(path, keyPrefix: key)
    }
  }

  private mutating func add(_ key: String, path: String) throws(SystemError) {
    guard key.utf8.starts(with: prefix.utf8), Self.precedes(after, key) else { return }
    // An object that vanishes while it is listed was not there.
    guard let status = try Files.status(path), status.kind == .file else { return }
    objects.append(StoredObject(key: key, size: status.size, modified: status.modified))
  }

  private static func collect(
    _ folder: String, keyPrefix: String, into all: inout [(key: String, path: String)]
  ) throws(SystemError) {
    for item in try items(in: folder) {
      let path = "\(folder)/\(item.name)"
      if item.isFolder {
        try collect(path, keyPrefix: keyPrefix + item.sortKey, into: &all)
      } else {
        all.append((keyPrefix + item.sortKey, path))
      }
    }
  }

  static func precedes(_ left: String, _ right: String) -> Bool {
    left.utf8.lexicographicallyPrecedes(right.utf8)
  }

  private struct Item {
    let name: String
    let entry: ObjectPath.Entry
    let isFolder: Bool
    /// What this item adds to the keys: a folder's end in a slash, which puts `a-b` before `a/b`.
    var sortKey: String { isFolder && !entry.isContinued ? entry.text + "/" : entry.text }
  }

  private static func items(in folder: String) throws(SystemError) -> [Item] {
    guard let stream = opendir(folder) else {
      // Emptied and removed while we listed.
      if errno == ENOENT { return [] }
      throw SystemError("list", folder)
    }
    defer { closedir(stream) }
    var items: [Item] = []
    while let found = readdir(stream) {
      let name = withUnsafePointer(to: &found.pointee.d_name) {
        $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
      }
      guard name != ".", name != "..", let entry = ObjectPath.Entry(name) else { continue }
      let isFolder: Bool
      switch Int(found.pointee.d_type) {
      case Int(DT_DIR): isFolder = true
      case Int(DT_REG): isFolder = false
      case Int(DT_UNKNOWN):
        guard let kind = try Files.status("\(folder)/\(name)")?.kind, kind == .file || kind == .folder else { continue }
        isFolder = kind == .folder
      default: continue
      }
      if isFolder ? !entry.isAside : !entry.isContinued {
        items.append(Item(name: name, entry: entry, isFolder: isFolder))
      }
    }
    return items.sorted { precedes($0.sortKey, $1.sortKey) }
  }
}
