import Glibc
import HostKit

/// What one folder of a bucket adds to the keys, in their order and a bounded number of it at a time: a folder of a
/// million files costs as much memory as one of a few thousand.
///
/// The pieces of a component beyond 200 bytes are folders in folders, and keys that go on in them sort among those of
/// their neighbours; so their entries count as this folder's own, with the piece before them.
struct FolderScan {
  struct Item {
    /// What this item adds to the keys; a folder's ends in a slash, which puts `a-b` before `a/b`. No key of one item
    /// sorts between those of another.
    let text: [UInt8]
    /// Below the folder.
    let path: String
    let isFolder: Bool
    /// Whether it is a file beside a folder of its name; where both are files, the plain one counts.
    let isAside: Bool

    func precedes(_ other: Item) -> Bool {
      let order = ByteOrder.compare(text, other.text)
      return order != 0 ? order < 0 : !isAside && other.isAside
    }
  }

  /// What keys an item stands for.
  enum Reach {
    /// The one of its text.
    case key
    /// Those that begin so.
    case folder
    /// Those that begin so, but its neighbours' may lie among them: a piece of a long component.
    case piece
  }

  /// How many items are kept.
  static let batch = 8192
  /// No key is longer, so neither are the pieces of one.
  private static let longestText = ObjectPath.maximumKeyBytes + 1

  private let capacity: Int
  private let admits: (_ text: [UInt8], _ reach: Reach) -> Bool
  private var kept: [Item] = []
  private var isCut = false

  /// The first items in order, and whether there are more.
  ///
  /// - Parameter admits: whether some of the keys are wanted that begin with this text.
  static func items(
    in folder: String, capacity: Int = batch, admits: (_ text: [UInt8], _ reach: Reach) -> Bool
  ) throws(SystemError) -> (items: [Item], isCut: Bool) {
    try withoutActuallyEscaping(admits) { (admits) throws(SystemError) in
      var scan = FolderScan(capacity: capacity, admits: admits)
      try scan.visit(folder, path: "", text: [])
      scan.cut()
      return (scan.kept, scan.isCut)
    }
  }

  private init(capacity: Int, admits: @escaping ([UInt8], Reach) -> Bool) {
    self.capacity = capacity
    self.admits = admits
  }

  private mutating func visit(_ folder: String, path: String, text: [UInt8]) throws(SystemError) {
    let entries = try FolderEntries(folder)
    while let entry = try entries.next() {
      guard let name = ObjectPath.Entry(entry.name), text.count + name.text.count < Self.longestText else { continue }
      let whole = text + name.text
      if name.isContinued {
        guard entry.isFolder, admits(whole, .piece) else { continue }
        try visit("\(folder)/\(entry.name)", path: "\(path)\(entry.name)/", text: whole)
      } else if !(entry.isFolder && name.isAside) {
        take(
          Item(
            text: entry.isFolder ? whole + [UInt8(ascii: "/")] : whole, path: path + entry.name,
            isFolder: entry.isFolder, isAside: name.isAside))
      }
    }
  }

  private mutating func take(_ item: Item) {
    guard admits(item.text, item.isFolder ? .folder : .key) else { return }
    kept.append(item)
    if kept.count >= 2 * capacity { cut() }
  }

  private mutating func cut() {
    kept.sort { $0.precedes($1) }
    guard kept.count > capacity else { return }
    kept.removeLast(kept.count - capacity)
    isCut = true
  }
}
