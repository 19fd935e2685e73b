import Glibc
import HostKit

/// One walk through a bucket's folders that meets the keys in byte order and enters only folders that can hold some of
/// those asked for.
struct ListingWalk {
  /// What is behind the walk.
  private enum Mark {
    case nothing
    case key([UInt8])
    case group([UInt8])
  }

  private let prefix: [UInt8]
  private let delimiter: [UInt8]
  private let limit: Int
  private var mark = Mark.nothing
  private var page = ListingPage()

  static func page(of bucketFolder: String, _ request: ListingRequest) throws(SystemError) -> ListingPage {
    guard request.limit > 0 else { return ListingPage() }
    var walk = ListingWalk(request)
    try walk.visit(bucketFolder, key: [])
    return walk.page
  }

  private init(_ request: ListingRequest) {
    prefix = Array(request.prefix.utf8)
    delimiter = Array(request.delimiter.utf8)
    limit = request.limit
    switch request.start {
    case .beginning, .after(""), .past(""): break
    case .after(let text): mark = .key(Array(text.utf8))
    case .past(let text):
      let name = Array(text.utf8)
      mark = if ByteOrder.begins(name, with: prefix), let group = group(of: name) { .group(group) } else { .key(name) }
    }
  }

  /// Enters a folder whose keys begin with `key`.
  private mutating func visit(_ folder: String, key: [UInt8]) throws(SystemError) {
    var last: [UInt8]?
    while true {
      let (items, isCut) = try FolderScan.items(in: folder) { text, reach in
        if let last, reach != .piece, ByteOrder.compare(text, last) <= 0 { return false }
        return mayHold(key + text, reach)
      }
      for item in items {
        guard !page.isTruncated else { return }
        let name = key + item.text
        // The mark moves as we go.
        if mayHold(name, item.isFolder ? .folder : .key) { try meet(item, name, in: folder) }
      }
      guard isCut, let end = items.last?.text else { return }
      last = end
    }
  }

  private mutating func meet(_ item: FolderScan.Item, _ key: [UInt8], in folder: String) throws(SystemError) {
    let path = "\(folder)/\(item.path)"
    let group = ByteOrder.begins(key, with: prefix) ? group(of: key) : nil
    if let group {
      if try item.isFolder ? FolderEntries.holdObject(below: path) : Files.exists(path) { add(group: group) }
    } else if item.isFolder {
      try visit(path, key: key)
    } else if let object = try StoredObject.listed(String(decoding: key, as: UTF8.self), path: path) {
      if hasRoom() {
        page.rows.append(.object(object))
        mark = .key(key)
      }
    }
  }

  private mutating func add(group: [UInt8]) {
    guard hasRoom() else { return }
    page.rows.append(.group(String(decoding: group, as: UTF8.self)))
    mark = .group(group)
  }

  private mutating func hasRoom() -> Bool {
    if page.rows.count == limit { page.isTruncated = true }
    return !page.isTruncated
  }

  /// Whether something wanted may be among the keys that an item stands for.
  private func mayHold(_ name: [UInt8], _ reach: FolderScan.Reach) -> Bool {
    let isOpen = reach != .key
    guard ByteOrder.begins(name, with: prefix) || (isOpen && ByteOrder.begins(prefix, with: name)) else { return false }
    switch mark {
    case .nothing: return true
    case .key(let key): return ByteOrder.compare(name, key) > 0 || (isOpen && ByteOrder.begins(key, with: name))
    case .group(let group):
      guard !ByteOrder.begins(name, with: group) else { return false }
      return ByteOrder.compare(name, group) > 0 || (isOpen && ByteOrder.begins(group, with: name))
    }
  }

  private func group(of key: [UInt8]) -> [UInt8]? {
    ByteOrder.end(of: delimiter, in: key, from: prefix.count).map { Array(key[..<$0]) }
  }
}
